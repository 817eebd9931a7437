import type { Json } from '@tenon/contract'
import { compareContracts } from '@tenon/compat'
import { describe, expect, test } from 'vitest'
import { contract, given, IN, number, object, OUT, taken, text } from './contracts.ts'

/** What other tools were reported to miss, or to alarm about for nothing. */
describe('changes that comparable tools misjudge', () => {
  const tagged = (tag: string, rest: Record<string, Json> = {}, required: string[] = []): Json =>
    object({ kind: { const: tag }, ...rest }, ['kind', ...required])

  test('a property that became optional inside an alternative is breaking (oasdiff#314)', () => {
    const one = (required: string[]): Json => ({
      $defs: { Problem: object({ title: text }, required) },
      oneOf: [{ $ref: '#/$defs/Problem' }, { type: 'null' }],
    })
    expect(given(one(['title']), one([]))).toMatchObject([
      { where: '/events/e/title', verdict: 'breaking', witness: {} },
    ])
  })
  test('one more alternative is breaking where it comes, and fine where it is taken (oasdiff#610)', () => {
    const [one, two] = [{ oneOf: [tagged('a')] }, { oneOf: [tagged('a'), tagged('b')] }]
    expect(given(one, two)).toMatchObject([{ verdict: 'breaking', witness: { kind: 'b' } }])
    expect(taken(one, two)).toEqual(IN)
  })
  test('alternatives that may both match are not taken for told apart', () => {
    const open = (name: string): Json => ({ type: 'object', properties: { [name]: text } })
    expect(taken({ oneOf: [open('a')] }, { oneOf: [open('a'), open('b')] })).toMatchObject([{ verdict: 'breaking' }])
  })
  test('alternatives that nothing but their being closed tells apart are doubted where they come', () => {
    const either: Json = { oneOf: [true, object({ a: number })] }
    expect(given(either, {})).toMatchObject([{ verdict: 'breaking', witness: {} }])
    const closed = (more: Record<string, Json>): Json => ({
      oneOf: [object({ a: text, ...more }, ['a']), object({ b: text }, ['b'])],
    })
    expect(given(closed({}), closed({ c: text }))).toMatchObject([{ verdict: 'unknown' }])
  })
  test('what only moved into or out of allOf is no change of what is taken (openapi-changes#150, oasdiff#154)', () => {
    const flat = object({ a: text, b: number }, ['a'], true)
    const split: Json = {
      type: 'object',
      allOf: [{ properties: { a: text }, required: ['a'] }, { properties: { b: number } }],
    }
    for (const [old, next] of [
      [flat, split],
      [split, flat],
    ] as const) {
      expect(taken(old, next)).toEqual(IN)
      expect(given(old, next)).toEqual(OUT)
    }
  })
  test('a new property within allOf may come, and one that became required there is seen (oasdiff#106, #607)', () => {
    const child = (properties: Record<string, Json>, required: string[]): Json => ({
      $defs: { Parent: { type: 'object', properties: { id: text } } },
      allOf: [{ $ref: '#/$defs/Parent' }, { type: 'object', properties, required }],
    })
    expect(given(child({ a: text }, ['a']), child({ a: text, b: text }, ['a']))).toEqual(OUT)
    expect(taken(child({ a: text }, []), child({ a: text }, ['id']))).toMatchObject([
      { where: '/operations/op/input/id', verdict: 'breaking', witness: {} },
    ])
    expect(given(child({ a: number }, []), child({ a: text }, []))).toMatchObject([
      { where: '/events/e/a', verdict: 'breaking', witness: { a: '' } },
    ])
  })
  test('a new required property is breaking whatever its default, for nobody fills it in (oasdiff#549)', () =>
    expect(taken(object({ a: text }), object({ a: text, b: { type: 'string', default: 'x' } }, ['b']))).toMatchObject([
      { where: '/operations/op/input/b', verdict: 'breaking', witness: {} },
    ]))
  test('a change behind a reference is seen (asyncapi/cli#550), another version alone is none (asyncapi/diff#150)', () => {
    const payload = (required: string[]): Json => ({
      $defs: { User: object({ name: text }, required) },
      ...(object({ user: { $ref: '#/$defs/User' } }, ['user']) as object),
    })
    expect(given(payload(['name']), payload([]))).toMatchObject([{ where: '/events/e/user/name', verdict: 'breaking' }])
    const events = { e: payload([]) }
    expect(compareContracts(contract({ events }), { ...contract({ events }), version: '2.0.0' })).toEqual([])
  })
  test('an optional property may be added to and taken from open content that comes (schema-registry#1458, #2927)', () => {
    const [few, more] = [object({ a: text }, ['a'], true), object({ a: text, b: number }, ['a'], true)]
    expect(given(few, more)).toEqual(OUT)
    expect(given(more, few)).toEqual(OUT)
  })
  test('to open content that is taken it is breaking, with the document that shows it (aws-glue-schema-registry#172)', () =>
    expect(taken(object({ a: text }, [], true), object({ a: text, b: number }, [], true))).toMatchObject([
      { where: '/operations/op/input/b', verdict: 'breaking', witness: { b: null } },
    ]))
  test('the first items of a list are told from the rest', () => {
    const pair = (first: Json): Json => ({ type: 'array', prefixItems: [first], items: number })
    expect(taken(pair(text), { type: 'array', items: number })).toMatchObject([
      { where: '/operations/op/input/0', verdict: 'breaking', witness: [''] },
    ])
    expect(taken(pair({ type: 'integer' }), { type: 'array', items: number })).toEqual(IN)
    expect(given({ type: 'array', items: number }, pair({ type: 'integer' }))).toEqual(OUT)
  })
  test('names that a pattern speaks of are not the rest', () => {
    const rest = (additionalProperties: Json): Json => ({
      type: 'object',
      patternProperties: { '^x': text },
      additionalProperties,
    })
    expect(taken(rest(number), { type: 'object', additionalProperties: number })).toMatchObject([
      { verdict: 'breaking' },
    ])
    expect(taken(rest(false), { type: 'object', additionalProperties: text })).toEqual(IN)
    expect(given({ type: 'object', additionalProperties: text }, rest(false))).toEqual(OUT)
  })
  test('what is closed to all that it does not say itself depends on all that it says', () => {
    const closed = (properties: Record<string, Json>): Json => ({
      type: 'object',
      properties,
      unevaluatedProperties: false,
    })
    expect(taken(closed({ a: text, b: text }), closed({ a: text }))).toMatchObject([{ verdict: 'breaking' }])
  })
  test('fewer items of a kind are needed where a count says so', () => {
    const holding = (minContains: number): Json => ({ type: 'array', contains: { const: 1 }, minContains })
    expect(taken(holding(0), { type: 'array', contains: { const: 1 } })).toMatchObject([
      { verdict: 'breaking', witness: [] },
    ])
  })
})
