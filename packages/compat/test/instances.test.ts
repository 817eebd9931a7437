import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { instancesOf } from '@tenon/compat'

const made = <Kind extends Json>(schema: Json, sender = false): Kind[] =>
  instancesOf(schema, { seed: 7, count: 60, sender }) as Kind[]

/** Documents are found for nearly every guess, and a validator takes each. */
function expectMany<Kind extends Json>(schema: Json, sender = false): Kind[] {
  const found = made<Kind>(schema, sender)
  expect(found.length).toBeGreaterThan(20)
  expect(found.filter((one) => !foreignValidator(schema).is(one))).toEqual([])
  return found
}

describe('texts', () => {
  test.each([
    '^[a-c]{2}$',
    '^(ab|cd)+x?$',
    '^(?:x|(?<name>y))*z$',
    String.raw`^\d{4}-\d{2}\.\w\s\t$`,
    '^[A-Z_][a-z0-9-]{1,}$',
    String.raw`^[\d\-.]+$`,
    '^.{3}$',
    '^a{2,}b{1,3}c{0}$',
    'a|b|',
  ])('that %s describes are made', (pattern) => {
    const found = expectMany({ type: 'string', pattern })
    expect(new Set(found).size).toBeGreaterThan(pattern === '^a{2,}b{1,3}c{0}$' ? 2 : 0)
  })

  test.each([
    String.raw`^\bword$`,
    '^(?=a)a+$',
    '^[^a]+$',
    '^b{200000}$',
    'c'.repeat(20_000),
    '^[]a$',
    '^(a{1000}){1000}$',
    String.raw`^\p{L}+$`,
    String.raw`^(?<!a)b$`,
  ])('of which %s says too much to be guessed are not made', (pattern) => {
    const found = made<string>({ type: 'string', pattern })
    expect(found.filter((one) => !new RegExp(pattern, 'u').test(one))).toEqual([])
  })

  test('have the format that is asked for, or a length within its bounds', () => {
    const dates = expectMany<string>({ type: 'string', format: 'date' })
    expect(dates.every((one) => /^\d{4}-\d\d-\d\d$/.test(one))).toBe(true)
    const short = expectMany<string>({ type: 'string', minLength: 2, maxLength: 3 })
    expect(new Set(short.map((one) => one.length))).toEqual(new Set([2, 3]))
    expect(expectMany<string>({ type: 'string', minLength: 5 }).every((one) => one.length >= 5)).toBe(true)
  })
})

describe('numbers', () => {
  test.each([
    { type: 'integer', minimum: 3, maximum: 5 },
    { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    { type: 'number', maximum: -1_000 },
    { type: 'integer', multipleOf: 7 },
    { type: 'number', minimum: 10 },
  ])('within %o are made', (schema) => {
    expectMany(schema)
  })
})

describe('lists', () => {
  test('have what stands at their first places, and the rest', () => {
    const schema = { type: 'array', prefixItems: [{ const: 'a' }, { type: 'integer' }], items: { type: 'boolean' } }
    const found = expectMany({ ...schema, minItems: 2, maxItems: 4 }) as Json[][]
    expect(found.every(([first]) => first === 'a')).toBe(true)
    expect(new Set(found.map((list) => list.length)).size).toBeGreaterThan(1)
  })

  test('hold anything where nothing is said of what they hold', () => {
    expectMany({ type: 'array', maxItems: 3 })
  })
})

describe('objects', () => {
  test('have names that a pattern describes, with values of theirs', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'string', minLength: 1 } },
      required: ['id'],
      patternProperties: { '^x-[a-z]{2}$': { type: 'integer' }, '^(?=y)': true },
      additionalProperties: false,
    }
    const found = expectMany(schema) as Record<string, Json>[]
    expect(found.some((one) => Object.keys(one).some((name) => name.startsWith('x-')))).toBe(true)
  })

  test('of a sender have no name that is not said, others may', () => {
    const schema = { type: 'object', properties: { a: { type: 'null' } } }
    const names = (sender: boolean): Set<string> =>
      new Set((expectMany(schema, sender) as object[]).flatMap(Object.keys))
    expect(names(true)).toEqual(new Set(['a']))
    expect(names(false).size).toBeGreaterThan(1)
  })

  test('hold others as they are described, also for a sender', () => {
    const schema = { type: 'object', additionalProperties: { type: 'integer' } }
    const found = expectMany(schema, true) as Record<string, Json>[]
    expect(found.flatMap((one) => Object.values(one)).some((value) => typeof value === 'number')).toBe(true)
  })
})

describe('what is put together', () => {
  test('takes one branch beside what stands around it', () => {
    const schema = {
      type: 'object',
      properties: { kind: { enum: ['a', 'b'] } },
      required: ['kind'],
      oneOf: [{ required: ['x'], properties: { x: { type: 'integer' } } }, { required: ['y'] }],
    }
    expectMany(schema)
    const plain = expectMany({ anyOf: [{ type: 'string', maxLength: 2 }, { type: 'null' }], description: 'either' })
    expect(new Set(plain.map((one) => typeof one))).toEqual(new Set(['string', 'object']))
  })

  test('is all that allOf asks for', () => {
    expectMany({
      allOf: [
        { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] },
        { type: 'object', properties: { b: { type: 'string' } }, required: ['b'] },
      ],
    })
    expectMany({ type: 'integer', allOf: [{ minimum: 1, type: 'integer' }] })
  })

  test('is a preset at times, and always where only some values are allowed', () => {
    const found = expectMany({ type: 'string', examples: ['one'], default: 'two' })
    expect(found).toEqual(expect.arrayContaining(['one', 'two']))
    expect(new Set(expectMany({ enum: [1, 'a', null] }))).toEqual(new Set([1, 'a', null]))
  })

  test('ends where a schema holds itself', () => {
    const schema = {
      $ref: '#/$defs/tree',
      $defs: {
        tree: {
          type: 'object',
          properties: { children: { type: 'array', items: { $ref: '#/$defs/tree' } } },
        },
      },
    }
    expect(made(schema).length).toBeGreaterThan(0)
  })

  test('is nothing where nothing is taken', () => {
    expect(made(false)).toEqual([])
    expect(made({ type: 'string', minLength: 3, maxLength: 2 })).toEqual([])
  })
})
