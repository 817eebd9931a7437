import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { foreignValidator, publishedSchemas, readSchema } from '@tenon/contract/schema'

const problemsOf = (schema: Json): string[] =>
  readSchema(schema).problems.map(({ pointer, message }) => `${pointer} ${message}`)
const warningsOf = (schema: Json): string[] =>
  readSchema(schema).warnings.map(({ pointer, message, hint }) => `${pointer} ${message} ${hint}`)

describe('a schema that can check nothing', () => {
  test.each<[Json, string[]]>([
    [null, [' a schema is an object, true or false, not null']],
    ['string', [' a schema is an object, true or false, not "string"']],
    [
      { type: 'nonsense' },
      [
        '/type "type" must be one of array, boolean, integer, null, number, object, string, or a list of some, not "nonsense"',
      ],
    ],
    [{ type: [] }, [expect.stringContaining('/type')]],
    [{ type: ['string', 'text'] }, [expect.stringContaining('/type')]],
    [{ required: 'x' }, ['/required "required" must be a list of different names, not "x"']],
    [{ required: ['x', 'x'] }, [expect.stringContaining('/required')]],
    [{ pattern: '(' }, ['/pattern "pattern" must be a regular expression, not "("']],
    [{ pattern: 1 }, [expect.stringContaining('/pattern')]],
    [{ patternProperties: { '[': true } }, [expect.stringContaining('/patternProperties')]],
    [
      { minLength: -1, maxItems: 1.5, minimum: '1', multipleOf: 0 },
      ['/minLength', '/maxItems', '/minimum', '/multipleOf'].map((at) => expect.stringContaining(at)),
    ],
    [{ uniqueItems: 'yes' }, ['/uniqueItems "uniqueItems" must be true or false, not "yes"']],
    [{ enum: 'a' }, ['/enum "enum" must be a list, not "a"']],
    [{ description: 1 }, ['/description "description" must be text, not 1']],
    [{ $id: 'http://[' }, ['/$id "$id" must be a URI, not "http://["']],
    [{ properties: [] }, ['/properties "properties" must be an object of schemas, not []']],
    [{ properties: { a: 'string' } }, ['/properties/a a schema is an object, true or false, not "string"']],
    [{ anyOf: [] }, ['/anyOf "anyOf" must be a list of schemas, not []']],
    [{ allOf: [{ type: 'x' }] }, [expect.stringContaining('/allOf/0/type')]],
    [{ items: 'string' }, ['/items "items" must be a schema, not "string"']],
    [{ items: [{ type: 'x' }] }, [expect.stringContaining('/items/0/type')]],
    [{ items: { not: { type: 'x' } } }, [expect.stringContaining('/items/not/type')]],
    [{ dependentRequired: { a: 'b' } }, [expect.stringContaining('/dependentRequired')]],
    [{ dependencies: { a: 'b' } }, [expect.stringContaining('/dependencies')]],
    [{ dependencies: { a: { type: 'x' }, b: ['c'] } }, [expect.stringContaining('/dependencies/a/type')]],
    [{ $ref: '#/$defs/gone' }, ['/$ref "#/$defs/gone" refers to nothing in this document']],
    [{ $ref: '#gone' }, [expect.stringContaining('refers to nothing')]],
    [{ $ref: 'https://a.org/schema.json#/a' }, [expect.stringContaining('refers to nothing')]],
    [{ $ref: 'http://[' }, [expect.stringContaining('refers to nothing')]],
    [{ $ref: '#/%ff' }, [expect.stringContaining('refers to nothing')]],
    [{ $ref: '#/$defs/a', $defs: { a: { type: 'x' } } }, [expect.stringContaining('/$defs/a/type')]],
    [{ $ref: '#/a', a: { $ref: '#/b' }, b: { type: 'x' } }, [expect.stringContaining('/b/type')]],
    [{ $ref: '#/a', a: 3 }, ['/a a schema is an object, true or false, not 3']],
    [{ $ref: '#' }, ['/$ref "#" leads back here without end']],
    [{ $recursiveRef: '#' }, ['/$recursiveRef "#" leads back here without end']],
    [
      { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/b' }] }, b: { not: { $ref: '#/$defs/a' } } } },
      [
        '/$defs/a/anyOf/0/$ref "#/$defs/b" leads back here without end',
        '/$defs/b/not/$ref "#/$defs/a" leads back here without end',
      ],
    ],
  ])('%j is refused with its place', (schema, expected) => {
    expect(problemsOf(schema)).toEqual(expected)
    expect(() => foreignValidator(schema)).toThrow(expect.objectContaining({ code: 'SCHEMA_INVALID' }))
  })

  test('names its first fault and carries them all', () => {
    expect(() => foreignValidator({ type: 'x', required: 'y' })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^the schema is invalid at "\/type": "type" must be one of /),
        problems: [expect.objectContaining({ pointer: '/type' }), expect.objectContaining({ pointer: '/required' })],
      }),
    )
  })
})

describe('a schema that can check', () => {
  test.each<[Json, Json, Json]>([
    [true, 1, undefined as never],
    [{ type: ['string', 'null'] }, null, 1],
    [{ $ref: '#/$defs/a%20b', $defs: { 'a b': { type: 'string' } } }, 'x', 1],
    [{ $ref: '#name', $defs: { a: { $anchor: 'name', type: 'string' } } }, 'x', 1],
    [{ $ref: 'word.json', $defs: { a: { $id: 'word.json', type: 'string' } } }, 'x', 1],
    [{ $id: 'urn:tenon:demo', $ref: 'urn:tenon:demo#/$defs/a', $defs: { a: { type: 'string' } } }, 'x', 1],
    [{ $dynamicRef: '#node', $defs: { a: { $dynamicAnchor: 'node', type: 'string' } } }, 'x', 1],
    [
      { properties: { next: { $ref: '#' } }, required: ['value'] },
      { value: 1, next: { value: 2 } },
      { value: 1, next: {} },
    ],
    [{ definitions: { a: { type: 'string' } }, items: [{ $ref: '#/definitions/a' }] }, ['x'], [1]],
    [{ dependencies: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
    [{ unevaluatedProperties: false, properties: { a: true } }, { a: 1 }, { b: 1 }],
    [{ contains: { type: 'string' }, maxContains: 1 }, ['a'], ['a', 'b']],
  ])('%j is accepted, and checks', (schema, good, bad) => {
    expect(problemsOf(schema)).toEqual([])
    const validator = foreignValidator(schema)
    expect(validator.problems(good)).toEqual([])
    if (bad !== undefined) expect(validator.problems(bad)).not.toEqual([])
  })

  test.each(Object.entries(publishedSchemas))('our own %s is without a word to say', (_name, schema) => {
    expect(readSchema(schema as Json)).toEqual({ problems: [], warnings: [] })
  })
})

test.each<[Json, string[]]>([
  [{ requried: ['a'] }, ['/requried there is no keyword "requried" Did you mean "required"?']],
  [{ widget: 'a' }, ['/widget there is no keyword "widget" Your own start with "x-".']],
  [{ 'x-widget': 'a' }, []],
  [{ properties: { requried: true } }, []],
  [{ format: 'emial' }, ['/format no format "emial" is checked Did you mean "email"?']],
  [{ format: 'colour' }, [expect.stringContaining('Known are ')]],
  [{ format: 'date-time' }, []],
  [{ definitions: {} }, ['/definitions "definitions" is of an older draft Write $defs.']],
])('what a validator passes over in silence is warned of: %j', (schema, expected) => {
  expect(warningsOf(schema)).toEqual(expected)
  expect(problemsOf(schema)).toEqual([])
})
