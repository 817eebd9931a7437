import canonicalize from 'canonicalize'
import { assert, TenonError } from './errors.ts'
import { hasLoneSurrogate, jsonValue, pointerTo } from './json-text.ts'

/** RFC 8785 text of a value. Refuses what has no such form: undefined, functions, NaN, lone surrogates, unsafe integers. */
export function canonicalJson(value: unknown): string {
  refuseUncanonical(value)
  const text = canonicalize(value)
  assert(text !== undefined, 'only undefined has no text, and that was refused')
  return text
}

/** The value of a text that is its own RFC 8785 form; undefined for any other text. */
export function readCanonicalJson(text: string): unknown {
  try {
    const value: unknown = jsonValue(text)
    const isPlain = text.isWellFormed() && !text.includes('\\')
    const isWritten = isPlain && lengthOf(value) === text.length
    return isWritten || canonicalJson(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * How long the canonical text of a value is, where every other text of it without a backslash is longer, so that the length
 * alone tells them apart; else NaN. Shorter or as short would be `1E2` for 100, and keys that are numbers stand in an order of
 * their own.
 */
function lengthOf(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value % 100 !== 0 ? String(value).length : Number.NaN
  if (value === null || typeof value !== 'object') return String(value).length
  if (Array.isArray(value))
    return value.reduce<number>((sum, item) => sum + lengthOf(item) + 1, value.length === 0 ? 2 : 1)
  const keys = Object.keys(value)
  let length = keys.length === 0 ? 2 : 1
  let before = ':'
  for (const key of keys) {
    // What comes before the colon are signs and digits.
    if (key <= before) return Number.NaN
    length += key.length + 4 + lengthOf(value[key as keyof typeof value])
    before = key
  }
  return length
}

/** JSON as files hold it: sorted keys, two spaces, LF, final newline. */
export function prettyJson(value: unknown): string {
  refuseUncanonical(value)
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

/** Whether a number is written and read back as itself. */
const isHeld = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))

type Fault = { keys: readonly string[]; why: string }

function refuseUncanonical(value: unknown): void {
  const fault = faultIn(value)
  if (fault === undefined) return
  const place = fault.keys.reduce<string>(pointerTo, '')
  throw new TenonError('CANONICAL_JSON_INVALID', `${place === '' ? 'the value' : place} ${fault.why}`)
}

/** Why a value has no such form, and at which keys; most have one, so that places are told on the way back alone. */
function faultIn(value: unknown): Fault | undefined {
  const why = ownFault(value)
  if (why !== undefined) return { keys: [], why }
  if (value === null || typeof value !== 'object') return undefined
  for (const [key, inner] of Object.entries(value)) {
    if (hasLoneSurrogate(key)) return { keys: [], why: 'has a key with half a surrogate pair' }
    const fault = inner !== undefined || Array.isArray(value) ? faultIn(inner) : undefined
    if (fault !== undefined) return { ...fault, keys: [key, ...fault.keys] }
  }
  return undefined
}

function ownFault(value: unknown): string | undefined {
  if (typeof value === 'string') return hasLoneSurrogate(value) ? 'holds half a surrogate pair' : undefined
  if (typeof value === 'number') return isHeld(value) ? undefined : `is ${value}, which cannot be held exactly`
  return typeof value === 'boolean' || typeof value === 'object' ? undefined : `is of type ${typeof value}`
}
