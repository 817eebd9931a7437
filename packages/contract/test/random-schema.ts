import fc from 'fast-check'
import type { Json } from '@tenon/contract'

const KEYS = ['a', 'b', 'ab', 'a/b', 'constructor']
const key = fc.constantFrom(...KEYS)

/** Values from a small world, so that random schemas accept some of them. */
export const randomValue: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'value' },
    fc.constantFrom<Json>(null, true, false, 0, 1, 2, 3, 1.5, '', 'a', 'ab', 'abc'),
    fc.array(tie('value'), { maxLength: 12, depthIdentifier: 'value' }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, depthIdentifier: 'value', noNullPrototype: true }),
  ),
})).value

const few = fc.integer({ min: 0, max: 3 })
const plain: Record<string, fc.Arbitrary<Json>> = {
  type: fc.constantFrom<Json>('object', 'array', 'string', 'integer', 'number', 'null', ['string', 'null']),
  const: fc.constantFrom<Json>(1, 'a', null),
  enum: fc.constantFrom<Json>([1, 'a'], ['ab', 'abc']),
  minimum: few,
  exclusiveMaximum: few,
  minLength: few,
  maxLength: few,
  pattern: fc.constantFrom('^a', 'b$'),
  minItems: few,
  maxItems: few,
  // `uniqueItems` is left out: TypeBox holds {"constructor": null} and {} to be equal.
  minProperties: few,
  maxProperties: few,
  required: fc.uniqueArray(key, { maxLength: 2 }),
  dependentRequired: fc.dictionary(key, fc.uniqueArray(key, { maxLength: 2 }), { maxKeys: 2, noNullPrototype: true }),
}

function nested(schema: fc.Arbitrary<Json>): Record<string, fc.Arbitrary<Json>> {
  const byName = fc.dictionary(key, schema, { maxKeys: 3, noNullPrototype: true })
  const list = fc.array(schema, { minLength: 1, maxLength: 3 })
  return {
    properties: byName,
    patternProperties: fc.dictionary(fc.constantFrom('^a', 'b'), schema, { maxKeys: 2, noNullPrototype: true }),
    additionalProperties: schema,
    propertyNames: schema,
    items: schema,
    prefixItems: list,
    anyOf: list,
    oneOf: list,
    allOf: list,
    ...Object.fromEntries(['not', 'if', 'then', 'else'].map((keyword) => [keyword, schema])),
    dependentSchemas: byName,
    $ref: fc.constantFrom('#/$defs/word', '#/$defs/box'),
  }
}

/** Schemas of up to four keywords, any of which may be nonsense together but none by itself. */
export const randomSchema: fc.Arbitrary<Json> = fc
  .letrec<{ schema: Json }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'schema' },
      { arbitrary: fc.boolean(), weight: 1 },
      { arbitrary: someOf(plain), weight: 4 },
      { arbitrary: someOf({ ...plain, ...nested(tie('schema')) }), weight: 4 },
    ),
  }))
  .schema.map((schema) => (typeof schema === 'object' ? { ...schema, $defs: DEFINITIONS } : schema))

const DEFINITIONS = {
  word: { type: 'string', minLength: 1 },
  box: { type: 'object', properties: { a: { type: 'string' }, ab: false }, additionalProperties: false },
}

function someOf(keywords: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(keywords)), { maxLength: 4 })
    .chain((names) => fc.record(Object.fromEntries(names.map((name) => [name, keywords[name] ?? fc.constant(null)]))))
}
