import type { Json } from '@tenon/contract'

/**
 * The text that Python's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)` gives, so that
 * configuration hashes agree with those of other runners: keys in code point order, floats in Python's spelling.
 */
export function pythonJson(value: Json): string {
  if (typeof value === 'number') return pythonNumber(value)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(',')}]`
  const entries = Object.entries(value).toSorted(([a], [b]) => byCodePoint(a, b))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${pythonJson(inner)}`).join(',')}}`
}

/**
 * JSON text does not tell 1 from 1.0, so a whole number is taken as an integer, as Python reads it. A larger one than can
 * be held exactly is refused where documents are read.
 */
function pythonNumber(value: number): string {
  if (Number.isInteger(value)) return String(value)
  const text = Math.abs(value) < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e-(\d)$/, 'e-0$1')
}

function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (const [index, char] of left.entries()) {
    const difference = (char.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? -1)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
