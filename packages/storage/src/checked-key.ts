import { limits, TenonError } from '@tenon/contract'

/** Refuses a key, or the name of a secret, that is not of 1 to 256 bytes of well-formed text. */
export function checkedKey(key: string): string {
  const bytes = Buffer.byteLength(key)
  if (bytes > 0 && bytes <= limits.kvKeyBytes && key.isWellFormed()) return key
  throw new TenonError('STORAGE_VALUE_INVALID', `${JSON.stringify(key.slice(0, 64))} cannot be a key`, {
    hint: `A key has 1 to ${limits.kvKeyBytes} bytes of well-formed text.`,
  })
}
