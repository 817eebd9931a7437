import type { Json } from '@tenon/contract'

/** A value as it comes out of another process. */
export const copied = <T extends Json | undefined>(value: T): T =>
  value === undefined ? value : JSON.parse(JSON.stringify(value))

/** The same text for values that differ only in the order of their keys. */
export const ordered = (value: Json): string =>
  JSON.stringify(value, (_, inner: Json) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([left], [right]) => (left < right ? -1 : 1)))
      : inner,
  )
