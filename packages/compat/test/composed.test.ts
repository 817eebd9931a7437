import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { partsOf } from '@tenon/compat'
import { contract, given, number, object, taken, text } from './contracts.ts'

const B = { properties: { b: number } }
/** Read, since an object with a method `then` would be taken for a promise. */
const WHEN = JSON.parse('{ "if": { "required": ["a"] }, "then": { "properties": { "b": { "type": "number" } } } }')

describe('a property that a sender names further in is one that it sends', () => {
  test.each<[where: string, said: Record<string, Json>]>([
    ['in one of several', { anyOf: [B, { properties: { a: text } }] }],
    ['in exactly one', { oneOf: [{ ...B, required: ['b'] }, { not: { required: ['b'] } }] }],
    ['in all', { allOf: [B] }],
    ['on a condition', WHEN],
    ['otherwise', { if: { required: ['a'] }, else: B }],
    ['beside another property', { dependentSchemas: { a: B } }],
    ['elsewhere', { $ref: '#/$defs/more', $defs: { more: B } }],
  ])('%s', (_where, said) => {
    const next = { type: 'object', properties: { a: text }, ...said }
    const changes = given(object({ a: text, b: text }), next)
    expect(changes.filter(({ verdict }) => verdict !== 'compatible')).not.toEqual([])
    expect(JSON.stringify(changes)).toContain('b')
  })
})

describe('what several parts say of the same value holds together', () => {
  const all = (...allOf: Json[]): Json => ({ allOf })

  test('of each property, and of the rest', () => {
    const parts = all(object({ a: text }, ['a'], true), object({ a: { minLength: 2 }, b: number }, [], number))
    expect(taken(parts, object({ a: { type: 'string', minLength: 1 }, b: number }, ['a'], true))).toMatchObject([
      { verdict: 'compatible' },
    ])
    expect(taken(parts, object({ a: { type: 'string', minLength: 3 } }, ['a'], true))).toMatchObject([
      { where: '/operations/op/input/a', verdict: 'breaking' },
    ])
  })

  test('of names by a pattern', () => {
    const x = { type: 'object', patternProperties: { '^x': number } }
    const parts = all(x, { type: 'object', properties: { a: text }, additionalProperties: false })
    expect(taken(parts, parts)).toEqual([])
    expect(taken(all(x, object({ a: text }, [], true)), object({ a: text }, [], true))).toMatchObject([
      { verdict: 'compatible' },
    ])
  })

  test('of what a list holds', () => {
    const list = (said: Record<string, Json>): Json => ({ type: 'array', ...said })
    const short = { type: 'string', maxLength: 3 }
    const both = all(list({ items: text }), list({ items: { maxLength: 3 } }))
    expect(taken(both, list({ items: short })).filter(({ verdict }) => verdict !== 'compatible')).toEqual([])
    expect(taken(both, list({ items: { type: 'string', maxLength: 2 } }))).toMatchObject([{ verdict: 'breaking' }])
    const placed = all(list({ prefixItems: [text] }), list({ items: number }))
    expect(taken(placed, placed)).toEqual([])
    expect(taken(placed, list({ prefixItems: [number] })).map(({ verdict }) => verdict)).not.toContain('compatible')
    expect(taken(all(list({}), list({ items: text })), list({ items: number }))).toMatchObject([
      { verdict: 'breaking' },
    ])
    expect(taken(all(list({ items: text }), list({})), list({ items: number }))).toMatchObject([
      { verdict: 'breaking' },
    ])
  })
})

/** Whether anybody who relied on the old one may be refused. */
const isSafe = (changes: ReturnType<typeof taken>): boolean => changes.every(({ verdict }) => verdict === 'compatible')

describe('what nothing fits', () => {
  test('among parts, branches and properties takes nothing away and adds nothing', () => {
    expect(isSafe(taken({ allOf: [text, false] }, number))).toBe(true)
    expect(isSafe(taken({ anyOf: [text, false], minLength: 1 }, text))).toBe(true)
    expect(isSafe(taken({ anyOf: [text, false], minLength: 1 }, { type: 'string', minLength: 2 }))).toBe(false)
    expect(isSafe(taken({ oneOf: [text, false] }, { oneOf: [false, text] }))).toBe(true)
    expect(isSafe(taken(object({ a: false, b: number }), object({ a: text, b: number })))).toBe(true)
    expect(isSafe(taken(object({ a: false, b: number }), object({ b: number })))).toBe(true)
    expect(isSafe(taken(object({ b: number }), object({ b: false })))).toBe(false)
    expect(isSafe(given(object({ a: text }), { type: 'object', properties: { a: text }, anyOf: [false, {}] }))).toBe(
      true,
    )
  })

  test('is found in what is told apart however deep', () => {
    const nested = (kind: string, depth: number): Json =>
      depth === 0 ? { const: kind } : object({ in: nested(kind, depth - 1) }, ['in'])
    const one = { oneOf: [nested('a', 3), nested('b', 3)] }
    expect(isSafe(taken(one, { anyOf: [nested('a', 3), nested('b', 3)] }))).toBe(true)
    const deep = { oneOf: [nested('a', 12), nested('b', 12)] }
    expect(
      taken(deep, { oneOf: [nested('b', 12), nested('a', 12)] }).some(({ verdict }) => verdict === 'breaking'),
    ).toBe(false)
    const inside = (depth: number): Json => (depth === 0 ? B : { anyOf: [inside(depth - 1)] })
    expect(isSafe(given(object({ a: text }), { type: 'object', properties: { a: text }, anyOf: [inside(12)] }))).toBe(
      true,
    )
  })
})

test('names that a sender gives by a pattern, or leaves open, are sent', () => {
  const reader = { type: 'object', properties: { a: text }, additionalProperties: number }
  const open = (said: Record<string, Json>): Json => ({ type: 'object', properties: { a: text }, ...said })
  expect(isSafe(given(reader, open({ patternProperties: { '^x': text } })))).toBe(false)
  expect(isSafe(given(reader, open({ patternProperties: { '^x': { type: 'integer' } } })))).toBe(true)
  expect(isSafe(given(reader, open({ unevaluatedProperties: true })))).toBe(false)
  expect(isSafe(given(reader, open({})))).toBe(true)
})

test('a value that is listed is held to what a reference says', () => {
  const listed = { enum: [{ x: 'a' }, { x: 'bb' }] }
  const referring = (said: Json): Json => ({
    ...{ type: 'object', properties: { x: { $ref: '#/$defs/t' } } },
    $defs: { t: said },
  })
  expect(isSafe(taken(listed, referring(text)))).toBe(true)
  expect(isSafe(taken(listed, referring({ type: 'string', maxLength: 1 })))).toBe(false)
})

test.each<[said: Record<string, Json>, least: number]>([
  [{ exclusiveMinimum: 1, exclusiveMaximum: 2 }, 1],
  [{ exclusiveMinimum: 1 }, 1],
  [{ exclusiveMaximum: -5 }, -10],
  [{ maximum: -5 }, -10],
  [{ minimum: 3 }, 3],
])('a number within %o shows that numbers are refused', (said, least) => {
  const [change] = taken({ type: 'number', ...said }, text)
  expect(change).toMatchObject({ verdict: 'breaking', witness: expect.any(Number) })
  expect(Number(change?.witness)).toBeGreaterThanOrEqual(least)
})

test('a later place of a list is shown with what comes before it', () => {
  const list = (...prefixItems: Json[]): Json => ({ type: 'array', prefixItems })
  const [change] = taken(list(text, number, text), list(text, number, number))
  expect(change).toMatchObject({
    verdict: 'breaking',
    witness: [expect.any(String), expect.any(Number), expect.any(String)],
  })
})

test('a contract that says nothing has no parts', () => {
  expect(partsOf(contract({}))).toEqual([])
})
