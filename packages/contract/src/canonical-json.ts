import canonicalize from 'canonicalize'
import { assert, TenonError } from './errors.ts'
import { hasLoneSurrogate, pointerTo } from './json-text.ts'

/** RFC 8785 text of a value. Refuses what has no such form: undefined, functions, NaN, lone surrogates, unsafe integers. */
export function canonicalJson(value: unknown): string {
  refuseUncanonical(value, '')
  const text = canonicalize(value)
  assert(text !== undefined, 'only undefined has no text, and that was refused')
  return text
}

/** JSON as files hold it: sorted keys, two spaces, LF, final newline. */
export function prettyJson(value: unknown): string {
  refuseUncanonical(value, '')
  return `${JSON.stringify(sorted(value), null, 2)}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function refuseUncanonical(value: unknown, pointer: string): void {
  const refuse = (why: string): never => {
    throw new TenonError('CANONICAL_JSON_INVALID', `${pointer === '' ? 'the value' : pointer} ${why}`)
  }
  if (typeof value === 'string' && hasLoneSurrogate(value)) refuse('holds half a surrogate pair')
  if (
    typeof value === 'number' &&
    (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
  )
    refuse(`is ${value}, which cannot be held exactly`)
  if (['undefined', 'function', 'symbol', 'bigint'].includes(typeof value)) refuse(`is of type ${typeof value}`)
  if (value === null || typeof value !== 'object') return
  for (const [key, inner] of Object.entries(value)) {
    if (hasLoneSurrogate(key)) refuse('has a key with half a surrogate pair')
    if (inner !== undefined || Array.isArray(value)) refuseUncanonical(inner, pointerTo(pointer, key))
  }
}
