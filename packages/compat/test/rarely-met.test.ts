import type { Json } from '@tenon/contract'
import { describe, expect, test } from 'vitest'
import { breaking, given, IN, number, object, OUT, taken, text } from './contracts.ts'

/** What random schemas meet now and then only. */
describe('a bound that is said twice', () => {
  const bounded = (minimum: number, exclusiveMinimum: number): Json => ({ type: 'number', minimum, exclusiveMinimum })

  test('is the one that leaves itself out, where both are the same', () =>
    expect(taken({ type: 'number', minimum: 1 }, bounded(1, 1))).toEqual(
      breaking('/operations/op/input', 'a number below 1 was taken and is refused now', 1),
    ))
  test('is the stricter one, whichever it is', () => {
    expect(taken(bounded(3, 1), { type: 'number', minimum: 3 })).toEqual(IN)
    expect(taken(bounded(1, 3), { type: 'number', exclusiveMinimum: 3 })).toEqual(IN)
    expect(taken({ type: 'number', minimum: 3 }, bounded(3, 1))).toEqual(IN)
  })
})

describe('a name that a schema gives further in', () => {
  const open = (inner: object): Json => ({
    ...(object({ a: text }, [], true) as object),
    ...inner,
    $defs: { named: { properties: { far: number } } },
  })
  /** A reader who takes a text there. */
  const reader = object({ a: text, far: text }, [], true)

  test.each<[string, object]>([
    ['by a reference', { $ref: '#/$defs/named' }],
    ['where another is there', { dependentSchemas: { a: { properties: { far: number } } } }],
    ['in one of several, of which one takes everything', { anyOf: [true, { properties: { far: number } }] }],
    ['by a reference beside other words', { anyOf: [true, { type: 'object', $ref: '#/$defs/named' }] }],
  ])('%s, may come to those who read it', (_, inner) => {
    expect(given(reader, open({}))).toEqual(OUT)
    const verdicts = given(reader, open(inner)).map(({ verdict }) => verdict)
    expect(verdicts).not.toContain('compatible')
    expect([taken(open(inner), open(inner)), given(open(inner), open(inner))]).toEqual([[], []])
  })
})
