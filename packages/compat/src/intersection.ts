import type { Json, JsonObject } from '@tenon/contract'
import { propertiesOf, requiredBy, typesOf, type TypeName } from './sample.ts'
import { isAnnotation, isObject, member } from './schema-document.ts'

const HIGHEST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const LOWEST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
const OF_OBJECTS = ['properties', 'required', 'additionalProperties', 'patternProperties']
const OF_LISTS = ['items', 'prefixItems']
const MERGED = new Set(['type', ...HIGHEST, ...LOWEST, ...OF_OBJECTS, ...OF_LISTS])

/**
 * What two schemas that judge the same value say together, as far as one schema can say it without `allOf`. It takes
 * what both take, and may take more.
 */
export function intersection(a: JsonObject, b: JsonObject): JsonObject {
  return {
    ...otherKeywords(a, b),
    ...typesOfBoth(a, b),
    ...bounds(a, b, HIGHEST, Math.max),
    ...bounds(a, b, LOWEST, Math.min),
    ...objectKeywords(a, b),
    ...listKeywords(a, b),
  }
}

/** Some keywords mean something only beside others of their schema, so they are all of one; the other's stay as they were. */
function otherKeywords(a: JsonObject, b: JsonObject): JsonObject {
  const [mine, theirs] = [othersOf(a), othersOf(b)]
  const isTold = [mine, theirs].map((keywords) => Object.keys(keywords).some((key) => !isAnnotation(key)))
  if (isTold.includes(false)) return { ...mine, ...theirs }
  return { ...mine, allOf: [theirs] }
}

const othersOf = (schema: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(schema).filter(([key]) => !MERGED.has(key)))

function typesOfBoth(a: JsonObject, b: JsonObject): JsonObject {
  if (member(a, 'type') === undefined && member(b, 'type') === undefined) return {}
  const [mine, theirs] = [typesOf(a), typesOf(b)]
  const both = mine.flatMap((type): TypeName[] => {
    if (theirs.includes(type)) return [type]
    const isWhole =
      (type === 'number' && theirs.includes('integer')) || (type === 'integer' && theirs.includes('number'))
    return isWhole ? ['integer'] : []
  })
  return { type: [...new Set(both)] }
}

const bounds = (
  a: JsonObject,
  b: JsonObject,
  keys: readonly string[],
  stricter: (...values: number[]) => number,
): JsonObject =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const values = [member(a, key), member(b, key)].filter((value) => typeof value === 'number')
      return values.length === 0 ? [] : [[key, stricter(...values)]]
    }),
  )

function objectKeywords(a: JsonObject, b: JsonObject): JsonObject {
  const names = [...new Set([...Object.keys(propertiesOf(a)), ...Object.keys(propertiesOf(b))])]
  const required = [...new Set([...requiredBy(a), ...requiredBy(b)])]
  const rest = together([member(a, 'additionalProperties'), member(b, 'additionalProperties')])
  const patterns = { ...patternsOf(a), ...patternsOf(b) }
  return {
    properties: Object.fromEntries(names.map((name) => [name, together([of(a, name), of(b, name)]) ?? true])),
    ...(required.length === 0 ? {} : { required }),
    ...(rest === undefined ? {} : { additionalProperties: rest }),
    ...(Object.keys(patterns).length === 0 ? {} : { patternProperties: patterns }),
  }
}

const patternsOf = (schema: JsonObject): JsonObject => {
  const patterns = member(schema, 'patternProperties')
  return isObject(patterns) ? patterns : {}
}

/** What a schema says of one property. A name that it does not list may match a pattern of it. */
const of = (schema: JsonObject, name: string): Json | undefined =>
  member(propertiesOf(schema), name) ??
  (Object.keys(patternsOf(schema)).length === 0 ? member(schema, 'additionalProperties') : undefined)

/** What `items` is about depends on `prefixItems`, so they come together or not at all. */
function listKeywords(a: JsonObject, b: JsonObject): JsonObject {
  const [mine, theirs] = [a, b].map((schema) =>
    Object.fromEntries(OF_LISTS.flatMap((key) => (key in schema ? [[key, schema[key] ?? true]] : []))),
  ) as [JsonObject, JsonObject]
  if (Object.keys(mine).length === 0) return theirs
  if (Object.keys(theirs).length === 0) return mine
  if ('prefixItems' in mine || 'prefixItems' in theirs) return mine
  return { items: together([member(mine, 'items'), member(theirs, 'items')]) ?? true }
}

function together(schemas: readonly (Json | undefined)[]): Json | undefined {
  const told = schemas.filter((schema) => schema !== undefined && schema !== true)
  if (told.includes(false)) return false
  const [first, second] = told
  if (first === undefined) return schemas.find((schema) => schema !== undefined)
  return second === undefined ? first : { allOf: [first, second] }
}
