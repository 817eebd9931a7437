import type { Json } from '@tenon/contract'
import { compareContracts } from '@tenon/compat'
import { describe, expect, test } from 'vitest'
import { breaking, contract, given, IN, number, object, OUT, taken, text } from './contracts.ts'

describe('what is sent to a plugin', () => {
  test('may get a new optional property', () =>
    expect(taken(object({ a: text }), object({ a: text, b: text }))).toEqual(IN))
  test('breaks on a new required property', () =>
    expect(taken(object({ a: text }, ['a']), object({ a: text, b: text }, ['a', 'b']))).toEqual(
      breaking('/operations/op/input/b', 'a document without "b" was taken and is refused now', { a: '' }),
    ))
  test('breaks on a property that became required', () =>
    expect(taken(object({ a: text }), object({ a: text }, ['a']))).toMatchObject([
      { verdict: 'breaking', witness: {} },
    ]))
  test('breaks on a property that is no longer known', () =>
    expect(taken(object({ a: text, b: number }), object({ a: text }))).toEqual(
      breaking('/operations/op/input/b', 'the property "b" was taken and is refused now', { b: 0 }),
    ))
  test('breaks on an object that was closed', () =>
    expect(taken(object({ another: text }, [], true), object({ another: text }))).toMatchObject([
      { where: '/operations/op/input/another1', why: 'a property that is not named was taken and is refused now' },
    ]))
  test('breaks on a name that an open object may have used otherwise', () =>
    expect(taken(object({}, [], true), object({ a: text }, [], true))).toMatchObject([
      { where: '/operations/op/input/a', verdict: 'breaking', witness: { a: null } },
    ]))
  test('breaks on other properties that must have a type now', () =>
    expect(taken(object({ a: text }, ['a'], number), object({ a: text }, ['a'], { type: 'integer' }))).toMatchObject([
      { where: '/operations/op/input/another', verdict: 'breaking', witness: { a: '', another: 0.5 } },
    ]))
  test('may be loosened in every way', () => {
    const tight = object({ a: { type: 'string', minLength: 2, maxLength: 4 }, b: { type: 'integer', minimum: 1 } }, [
      'a',
      'b',
    ])
    const loose = object(
      { a: { type: ['string', 'null'], minLength: 1, maxLength: 9 }, b: { type: 'number', exclusiveMinimum: 0 } },
      ['a'],
      true,
    )
    expect(taken(tight, loose)).toEqual(IN)
    expect(taken(loose, tight).map(({ verdict }) => verdict)).toEqual(Array.from({ length: 7 }, () => 'breaking'))
  })
  test('is not changed by words', () =>
    expect(
      taken(object({ a: text }), {
        ...(object({ a: { ...text, description: 'x', default: '' } }) as object),
        title: 'x',
      }),
    ).toEqual([]))
  test('may be something where nothing was', () => {
    const before = contract({ operations: { op: {} } })
    const after = (input: Json) => contract({ operations: { op: { input } } })
    expect(compareContracts(before, after(object({ a: text })))).toEqual(IN)
    expect(compareContracts(before, after(object({ a: text }, ['a'])))).toMatchObject([
      { verdict: 'breaking', witness: {} },
    ])
    expect(compareContracts(after(object({ a: text })), before)).toMatchObject([{ verdict: 'breaking' }])
  })
})

describe('what a plugin sends', () => {
  test('may get new properties', () =>
    expect(given(object({ a: text }, ['a']), object({ a: text, b: text }, ['a', 'b']))).toEqual(OUT))
  test('may lose an optional property', () =>
    expect(given(object({ a: text, b: text }), object({ a: text }))).toEqual(OUT))
  test('breaks on a property that may be missing now', () =>
    expect(given(object({ a: text }, ['a']), object({ a: text }))).toEqual(
      breaking('/events/e/a', 'a document without "a" may come now and never did', {}),
    ))
  test('breaks on a value that never came', () => {
    expect(given(object({ a: { enum: ['x'] } }), object({ a: { enum: ['x', 'y'] } }))).toEqual(
      breaking('/events/e/a', 'the value "y" may come now and never did', { a: 'y' }),
    )
    expect(given(object({ a: { enum: ['x', 'y'] } }), object({ a: { const: 'y' } }))).toEqual(OUT)
  })
  test('may leave unnamed what a reader took from it, for it never comes now', () =>
    expect(given(object({ a: text }, [], true), object({}, [], true))).toEqual(OUT))
  test('breaks deep inside', () => {
    const nested = (item: Json): Json =>
      object({ list: { type: 'array', minItems: 2, items: object({ a: item }, ['a']) } }, ['list'])
    expect(given(nested({ type: 'integer' }), nested(number))).toEqual(
      breaking('/events/e/list/*/a', 'a value of type number may come now and never did', {
        list: [{ a: 0.5 }, { a: 0 }],
      }),
    )
    expect(given(nested(number), nested({ type: 'integer' }))).toEqual(OUT)
  })
  test('holds for what has names of its own choosing', () =>
    expect(given(object({}, [], text), object({}, [], { type: ['string', 'null'] }))).toMatchObject([
      { where: '/events/e/another', verdict: 'breaking', witness: { another: null } },
    ]))
  test('may name what it only required before', () =>
    expect(given(object({ a: text }, ['a'], true), object({}, ['a'], true))).toMatchObject([
      { where: '/events/e/a', verdict: 'breaking' },
    ]))
})

describe('bounds', () => {
  const cases: [Json, Json, string, Json][] = [
    [number, { type: 'number', minimum: 3 }, 'a number below 3', 2],
    [{ type: 'integer' }, { type: 'integer', maximum: 3 }, 'a number above 3', 4],
    [{ type: 'number', minimum: 3 }, { type: 'number', exclusiveMinimum: 3 }, 'a number below 3', 3],
    [{ type: 'number', minimum: 3 }, { type: 'number', minimum: 3, exclusiveMinimum: 3.5 }, 'a number below 3.5', 3.5],
    [{ type: 'number', exclusiveMinimum: 2 }, { type: 'number', minimum: 3 }, 'a number below 3', 2.5],
    [{ type: 'integer', exclusiveMinimum: 2.5 }, { type: 'integer', minimum: 4 }, 'a number below 4', 3],
    [text, { type: 'string', minLength: 2 }, 'a text shorter than 2', 'a'],
    [text, { type: 'string', maxLength: 2 }, 'a text longer than 2', 'aaa'],
    [{ type: 'array', items: text }, { type: 'array', items: text, minItems: 1 }, 'a list shorter than 1', []],
    [{ type: 'array', items: text }, { type: 'array', items: text, maxItems: 1 }, 'a list longer than 1', ['', '']],
    [{ type: 'object' }, { type: 'object', minProperties: 1 }, 'an object shorter than 1', {}],
    [
      { type: 'object', properties: { a: text } },
      { type: 'object', properties: { a: text }, maxProperties: 1 },
      'an object longer than 1',
      { a: '', property1: null },
    ],
  ]
  test.each(cases)('from %j to %j', (old, next, what, witness) => {
    expect(taken(old, next)).toEqual(breaking('/operations/op/input', `${what} was taken and is refused now`, witness))
    expect(taken(next, old)).toEqual(IN)
  })
  test('of whole numbers agree however they are written', () => {
    expect(taken({ type: 'integer', minimum: 1 }, { type: 'integer', exclusiveMinimum: 0 })).toEqual(IN)
    expect(
      taken(
        { type: 'integer', exclusiveMinimum: 0, maximum: 9 },
        { type: 'integer', minimum: 1, exclusiveMaximum: 9.5 },
      ),
    ).toEqual(IN)
  })
  test('that no example can show are not called breaking', () => {
    expect(taken(text, { type: 'string', maxLength: 20_000_000 })).toMatchObject([{ verdict: 'unknown' }])
  })
})

describe('alternatives and references', () => {
  const tagged = (kind: string, rest: Record<string, Json> = {}): Json =>
    object({ kind: { const: kind }, ...rest }, ['kind', ...Object.keys(rest)])
  test('may grow in what is taken, and shrink in what is given', () => {
    const [one, two] = [{ anyOf: [tagged('a')] }, { anyOf: [tagged('a'), tagged('b')] }]
    expect(taken(one, two)).toEqual(IN)
    expect(given(two, one)).toEqual(OUT)
    expect(taken(two, one)).toMatchObject([{ verdict: 'breaking', witness: { kind: 'b' } }])
    expect(given(one, two)).toMatchObject([{ verdict: 'breaking', witness: { kind: 'b' } }])
  })
  test('are compared beside other keywords, too', () => {
    const either = (properties: Record<string, Json>): Json => ({
      type: 'object',
      properties,
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    })
    expect(given(either({ a: text }), either({ a: text, b: text }))).toEqual(OUT)
  })
  test('may be written as types', () => {
    expect(taken({ oneOf: [text, number] }, { type: ['string', 'number', 'null'] })).toEqual(IN)
    expect(
      taken({ type: ['string', 'null'] }, { anyOf: [text, { type: 'null' }] }).map(({ verdict }) => verdict),
    ).not.toContain('breaking')
  })
  test('are followed inside a document', () => {
    const withDefinition = (definition: Json): Json => ({
      $defs: { d: definition },
      ...(object({ a: { $ref: '#/$defs/d' } }) as object),
    })
    expect(taken(withDefinition(number), withDefinition({ type: 'integer' }))).toMatchObject([
      { where: '/operations/op/input/a', verdict: 'breaking', witness: { a: 0.5 } },
    ])
    expect(taken(withDefinition({ type: 'integer' }), object({ a: number }))).toEqual(IN)
  })
  test('are judged wherever they are used', () => {
    const twice = (definition: Json): Json => ({
      $defs: { d: definition },
      ...(object({ a: { $ref: '#/$defs/d' }, b: { $ref: '#/$defs/d' } }) as object),
    })
    expect(taken(twice(number), twice({ type: 'integer' })).map(({ where }) => where)).toEqual([
      '/operations/op/input/a',
      '/operations/op/input/b',
    ])
  })
  test('may be recursive', () => {
    const tree = (leaf: Json): Json => ({
      $defs: { node: { anyOf: [leaf, { type: 'array', items: { $ref: '#/$defs/node' } }] } },
      $ref: '#/$defs/node',
    })
    const list = (item: Json): Json => ({
      $defs: { list: object({ item, next: { $ref: '#/$defs/list' } }, ['item']) },
      ...(object({ list: { $ref: '#/$defs/list' } }) as object),
    })
    expect(given(list({ type: ['string', 'null'] }), list(text))).toEqual(OUT)
    expect(given(list(text), list(number))).toMatchObject([{ verdict: 'breaking', where: '/events/e/list/item' }])
    expect(taken(tree(text), tree(number))).not.toEqual(IN)
  })
})

describe('listed values', () => {
  test('are tried one by one, for there are no others', () => {
    expect(taken({ enum: ['x', 'yy'] }, { type: 'string', minLength: 1 })).toEqual(IN)
    expect(taken({ enum: ['x', 'yy'] }, { type: 'string', minLength: 2 })).toEqual(
      breaking('/operations/op/input', 'the value "x" was taken and is refused now', 'x'),
    )
  })
  test('are data, whatever they look like', () =>
    expect(taken({ enum: [{ title: 'x' }] }, { enum: [{ title: 'y' }] })).toMatchObject([{ witness: { title: 'x' } }]))
})

describe('what is not understood', () => {
  test('is no change when it is the same', () => {
    const schema = (length: number): Json => ({ type: 'string', pattern: '^a+$', minLength: length })
    expect(taken(schema(2), schema(1))).toEqual(IN)
  })
  test('is breaking if an example shows it', () => {
    expect(taken(text, { type: 'string', pattern: '^x' })).toEqual(
      breaking('/operations/op/input', 'a value that "pattern" excludes was taken and is refused now', ''),
    )
    expect(taken({ type: 'array', items: text }, { type: 'array', items: text, uniqueItems: true })).toMatchObject([
      { verdict: 'breaking', witness: ['', ''] },
    ])
  })
  test('is unknown if none does', () => {
    expect(taken({ type: 'string', pattern: '^abc$' }, { type: 'string', pattern: '^(abc)$' })).toEqual([
      {
        where: '/operations/op/input',
        verdict: 'unknown',
        why: 'it may be that a value that "pattern" excludes was taken and is refused now',
      },
    ])
    expect(
      taken({ type: 'string', examples: ['abc'], pattern: '^abc$' }, { type: 'string', pattern: '^ab$' }),
    ).toMatchObject([{ verdict: 'breaking', witness: 'abc' }])
  })
  test('may hide behind a reference', () => {
    const schema = (definition: Json): Json => ({ $defs: { d: definition }, not: { $ref: '#/$defs/d' } })
    expect(taken(schema(text), schema(number))).toMatchObject([{ verdict: 'breaking', witness: 0 }])
  })
  test('reaches through what cannot be sampled, without a false alarm', () => {
    const outer = (inner: Json): Json =>
      object({ id: { type: 'string', pattern: '^(?=[a-z])[a-y]{3}-\\d+$' }, inner }, ['id', 'inner'])
    expect(taken(outer(number), outer({ type: 'integer' }))).toMatchObject([
      { where: '/operations/op/input/inner', verdict: 'unknown' },
    ])
    expect(taken(outer({ enum: [1, 2] }), outer(number))).toEqual(IN)
  })
  test('ends in unknown where schemas grow beyond measure', () => {
    const wide = (leaf: Json): Json => {
      const level = (i: number): Json =>
        object(Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, { $ref: `#/$defs/l${i + 1}` }])))
      const defs = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`l${i}`, level(i)]))
      return { $defs: { ...defs, l12: leaf }, $ref: '#/$defs/l0' }
    }
    expect(taken(wide({ type: 'integer' }), wide(number)).some(({ verdict }) => verdict === 'unknown')).toBe(true)
  })
})

test('a schema that is none is refused', () => {
  expect(() => taken(text, { type: 'strnig' })).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
  expect(() => given({ type: 'string', pattern: '(' }, text)).toThrow(
    expect.objectContaining({ code: 'SCHEMA_INVALID' }),
  )
})

describe('boolean schemas', () => {
  test('take anything or nothing', () => {
    expect(taken(text, true)).toEqual(IN)
    expect(taken(false, text)).toEqual(IN)
    expect(taken(text, false)).toMatchObject([{ verdict: 'breaking', why: 'any value was taken and is refused now' }])
    expect(taken(true, text)).toMatchObject([{ verdict: 'breaking' }])
    expect(taken(object({ a: false }), object({}, [], true))).toEqual(IN)
    expect(taken({ type: 'array' }, { type: 'array', items: false })).toMatchObject([
      { where: '/operations/op/input/*' },
    ])
  })
})
