import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson, jsonValue, readCanonicalJson } from '@tenon/contract'

/** As it says in RFC 8785, at the cost of writing the text anew. */
function slowly(text: string): unknown {
  try {
    const value: unknown = jsonValue(text)
    return canonicalJson(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

const written = fc.jsonValue({ maxDepth: 3 }).map((value) => [JSON.stringify(value), JSON.stringify(value, null, 1)])
const pieces = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  ' ',
  '"a"',
  '"b"',
  '"1"',
  '"__proto__"',
  '"\\u0061"',
  '"\\ud800"',
  '"\ud800"',
  '""',
]
const numbers = [
  '1',
  '0',
  '-0',
  '100',
  '1E2',
  '1e2',
  '12E1',
  '1.0',
  '1.5',
  '9007199254740992',
  '1e400',
  '-7',
  '20',
  '2E1',
]
const patched = fc
  .array(fc.constantFrom(...pieces, ...numbers, 'true', 'null'), { maxLength: 9 })
  .map((parts) => [parts.join('')])
const objects = fc
  .array(fc.tuple(fc.constantFrom('a', 'b', '1', '10', '9', ':', 'é', ''), fc.constantFrom(...numbers)), {
    maxLength: 4,
  })
  .map((members) => [`{${members.map(([key, value]) => `"${key}":${value}`).join(',')}}`])

test('a text is taken for canonical when writing it anew gives it, and never else', () => {
  const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 1_000_000)
  const texts = fc.oneof(written, patched, objects)
  fc.assert(
    fc.property(texts, (some) =>
      some.forEach((text) => expect([text, readCanonicalJson(text)]).toEqual([text, slowly(text)])),
    ),
    { seed, numRuns: 20_000 },
  )
})

test.each([
  '{"a":100}',
  '{"a":1E2}',
  '{"b":1,"1":2}',
  '{"1":2,"b":1}',
  '{"a":1,"a":1}',
  '{"a": 1}',
  '"\ud800"',
  '[]',
  '{}',
])('nor is %s', (text) => expect(readCanonicalJson(text)).toEqual(slowly(text)))
