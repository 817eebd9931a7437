import { TenonError } from './errors.ts'

/** `sha256:` and 64 lower-case hex digits. */
export type Digest = `sha256:${string}`

const FORM = /^sha256:[0-9a-f]{64}$/

export const isDigest = (text: string): text is Digest => FORM.test(text)

export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new TenonError('REFERENCE_INVALID', `"${text}" is no digest`, {
    hint: 'A digest is sha256: and 64 hex digits.',
  })
}

export const digestFromHex = (hex: string): Digest => parseDigest(`sha256:${hex}`)

export const digestHex = (digest: Digest): string => digest.slice('sha256:'.length)
