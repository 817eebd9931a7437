import { limits, type Json, type JsonObject } from '@tenon/contract'
import { dereferenced, isObject, member } from './schema-document.ts'

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
export type TypeName = (typeof TYPES)[number]

const TEXTS = ['', 'a', 'A', '0', 'ab-1', 'a@example.com', 'https://example.com/', '2020-01-01', '2020-01-01T00:00:00Z']

/** `left` bounds how many values one guess may be made of. */
type Guess = { root: Json; left: number }

/** A value that a schema is meant to take. It is a guess: whoever uses it lets a validator decide. */
export const sampleOf = (schema: Json, root: Json): Json => guessed(schema, { root, left: limits.sampleValuesMax })

/** Several such values, as different as the schema allows. */
export function samplesOf(schema: Json, root: Json): Json[] {
  const guess = { root, left: limits.sampleValuesMax }
  const object = asObject(dereferenced(schema, root))
  if (object === undefined) return []
  const types = typesOf(object)
  return [
    ...presetsOf(object),
    ...branchesOf(object).map((branch) => guessed(branch, guess)),
    ...types.map((type) => guessedAs(type, object, guess)),
    ...(types.includes('object') ? [objectWith(object, Object.keys(propertiesOf(object)), guess)] : []),
    ...(types.includes('array') ? [arrayOf(object, numberIn(object, 'minItems') + 2, guess)] : []),
    ...(types.includes('string') ? TEXTS : []),
    ...(types.includes('number') ? [numberWithin(object) + 0.5] : []),
  ]
}

/** An array of so many items, a text of so many letters, an object of so many properties. */
export function sampleOfLength(
  type: 'array' | 'object' | 'string',
  length: number,
  schema: JsonObject,
  root: Json,
): Json[] {
  if (length < 0 || length > limits.sampleLengthMax) return []
  const guess = { root, left: limits.sampleLengthMax }
  if (type === 'string') return ['a'.repeat(length)]
  if (type === 'array') return [arrayOf(schema, length, guess)]
  const known = [...new Set([...requiredBy(schema), ...Object.keys(propertiesOf(schema))])]
  const others = Array.from({ length: Math.max(0, length - known.length) }, (_, at) => `property${at + 1}`)
  return [objectWith(schema, [...known, ...others].slice(0, length), guess)]
}

/** One object for every `true`, so that a comparison notices when it meets it again. */
const ANYTHING: JsonObject = {}

/** A schema as an object; undefined for the one that takes nothing. */
export const asObject = (schema: Json): JsonObject | undefined =>
  schema === true ? ANYTHING : isObject(schema) ? schema : undefined

/** The types that a schema allows; all of them when it names none. */
export function typesOf(schema: JsonObject): TypeName[] {
  const named = member(schema, 'type')
  const names = Array.isArray(named) ? named : named === undefined ? TYPES : [named]
  return TYPES.filter((type) => names.includes(type))
}

export const propertiesOf = (schema: JsonObject): JsonObject => {
  const properties = member(schema, 'properties')
  return isObject(properties) ? properties : {}
}

export function requiredBy(schema: JsonObject): string[] {
  const required = member(schema, 'required')
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
}

/** The values that a schema lists, beside which it takes none. */
export function listedValues(schema: JsonObject): Json[] | undefined {
  const constant = member(schema, 'const')
  if (constant !== undefined) return [constant]
  const values = member(schema, 'enum')
  return Array.isArray(values) ? values : undefined
}

export function numberIn(schema: JsonObject, key: string): number {
  const value = member(schema, key)
  return typeof value === 'number' ? value : 0
}

function guessed(schema: Json, guess: Guess): Json {
  const object = asObject(dereferenced(schema, guess.root))
  guess.left -= 1
  if (object === undefined || guess.left < 0) return null
  const [preset] = presetsOf(object)
  if (preset !== undefined) return preset
  const [branch] = branchesOf(object)
  if (branch !== undefined && member(object, 'type') === undefined) return guessed(branch, guess)
  return guessedAs(typesOf(object)[0] ?? 'null', object, guess)
}

function guessedAs(type: TypeName, schema: JsonObject, guess: Guess): Json {
  if (type === 'null') return null
  if (type === 'boolean') return false
  if (type === 'string') return 'a'.repeat(Math.min(numberIn(schema, 'minLength'), limits.sampleLengthMax))
  if (type === 'array') return arrayOf(schema, numberIn(schema, 'minItems'), guess)
  if (type === 'object') return objectWith(schema, requiredBy(schema), guess)
  return type === 'integer' ? Math.ceil(numberWithin(schema)) : numberWithin(schema)
}

const presetsOf = (schema: JsonObject): Json[] =>
  ['const', 'enum', 'examples', 'default'].flatMap((key) => {
    const value = member(schema, key)
    if (value === undefined) return []
    return Array.isArray(value) && (key === 'enum' || key === 'examples') ? value : [value]
  })

const branchesOf = (schema: JsonObject): Json[] =>
  ['anyOf', 'oneOf', 'allOf'].flatMap((key) => {
    const branches = member(schema, key)
    return Array.isArray(branches) ? branches : []
  })

function objectWith(schema: JsonObject, names: readonly string[], guess: Guess): JsonObject {
  const properties = propertiesOf(schema)
  return Object.fromEntries(names.map((name) => [name, guessed(member(properties, name) ?? true, guess)]))
}

/** Stops early once the guess has grown too large. */
function arrayOf(schema: JsonObject, length: number, guess: Guess): Json[] {
  const items: Json[] = []
  while (items.length < length && guess.left > 0) items.push(guessed(member(schema, 'items') ?? true, guess))
  return items
}

/** A number within the bounds, near the lower one if there is one. */
function numberWithin(schema: JsonObject): number {
  const [least, above] = [member(schema, 'minimum'), member(schema, 'exclusiveMinimum')]
  const [most, below] = [member(schema, 'maximum'), member(schema, 'exclusiveMaximum')]
  if (typeof above === 'number') return typeof below === 'number' ? (above + below) / 2 : above + 1
  if (typeof least === 'number') return least
  if (typeof most === 'number') return Math.min(0, most)
  return typeof below === 'number' ? Math.min(0, below - 1) : 0
}
