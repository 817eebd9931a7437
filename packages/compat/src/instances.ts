import { limits, type Json, type JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { textMatching } from './matching-text.ts'
import { between, pick, randomFrom, type Random } from './random.ts'
import { asObject, listedValues, numberIn, propertiesOf, requiredBy, samplesOf, typesOf } from './sample.ts'
import { dereferenced, isObject, member } from './schema-document.ts'

export type InstanceOptions = {
  /** The same seed gives the same documents. */
  seed: number
  count: number
  /** A sender sends no property that its schema does not name. */
  sender: boolean
}

/** How many guesses a document may take, before no more are made. */
const GUESSES = 10

/**
 * Random documents that a schema takes, as many as are asked for, or fewer where they are hard to guess. Throws
 * SCHEMA_INVALID.
 */
export function instancesOf(schema: Json, { seed, count, sender }: InstanceOptions): Json[] {
  const validator = foreignValidator(schema)
  const random = randomFrom(seed)
  const found: Json[] = []
  for (let guess = 0; found.length < count && guess < count * GUESSES; guess += 1) {
    const value = anyOf(schema, { root: schema, random, sender, left: limits.sampleValuesMax })
    if (validator.is(value)) found.push(value)
  }
  return found
}

/** `left` bounds how many values one document may be made of. */
type Making = { root: Json; random: Random; sender: boolean; left: number }

function anyOf(schema: Json, making: Making): Json {
  const object = asObject(dereferenced(schema, making.root))
  making.left -= 1
  if (object === undefined || making.left < 0) return null
  const [preset] = [pick(making.random, presetsOf(object))]
  if (preset !== undefined && (listedValues(object) !== undefined || making.random() < 0.3)) return preset
  const branch = pick(making.random, branchesOf(object))
  if (branch !== undefined) return combined(object, branch, making)
  return valueOf(object, making)
}

const presetsOf = (schema: JsonObject): Json[] => {
  const examples = member(schema, 'examples')
  const fallback = member(schema, 'default')
  return (
    listedValues(schema) ?? [
      ...(Array.isArray(examples) ? examples : []),
      ...(fallback === undefined ? [] : [fallback]),
    ]
  )
}

const branchesOf = (schema: JsonObject): Json[] =>
  ['anyOf', 'oneOf'].flatMap((key) => {
    const branches = member(schema, key)
    return Array.isArray(branches) ? branches : []
  })

/** What a schema says itself and what one of its alternatives says, both as properties of one object where they can be. */
function combined(schema: JsonObject, branch: Json, making: Making): Json {
  const { anyOf: _, oneOf: __, ...own } = schema
  const inner = anyOf(branch, making)
  if (!Object.keys(own).some((key) => ['properties', 'type', 'required'].includes(key))) return inner
  const outer = valueOf(own, making)
  return isObject(outer) && isObject(inner) ? { ...outer, ...inner } : inner
}

function valueOf(schema: JsonObject, making: Making): Json {
  const all = member(schema, 'allOf')
  if (Array.isArray(all)) return allTogether(schema, all, making)
  const { random } = making
  switch (pick(random, typesOf(schema))) {
    case 'boolean':
      return random() < 0.5
    case 'integer':
      return Math.round(numberOf(schema, random))
    case 'number':
      return random() < 0.5 ? Math.round(numberOf(schema, random)) : numberOf(schema, random)
    case 'string':
      return textOf(schema, making)
    case 'array':
      return listOf(schema, making)
    case 'object':
      return objectOf(schema, making)
    default:
      return null
  }
}

function allTogether(schema: JsonObject, all: Json[], making: Making): Json {
  const { allOf: _, ...own } = schema
  const parts = [...(Object.keys(own).length > 0 ? [own] : []), ...all].map((part) => anyOf(part, making))
  const objects = parts.filter(isObject)
  return objects.length === parts.length ? Object.assign({}, ...objects) : (pick(making.random, parts) ?? null)
}

/** Bounds are where schemas differ, so they come often. */
function numberOf(schema: JsonObject, random: Random): number {
  const least = boundOf(schema, ['minimum', 'exclusiveMinimum'])
  const most = boundOf(schema, ['maximum', 'exclusiveMaximum'])
  const from = least ?? (most === undefined ? -100 : most - 100)
  const to = most ?? from + 200
  const step = member(schema, 'multipleOf')
  const value =
    pick(random, [from, to, from + random() * (to - from), between(random, Math.ceil(from), Math.floor(to))]) ?? from
  return typeof step === 'number' ? Math.round(value / step) * step : value
}

const boundOf = (schema: JsonObject, keys: readonly string[]): number | undefined =>
  keys.map((key) => member(schema, key)).find((value) => typeof value === 'number')

const LETTERS = 'abcxyzABCXYZ0123456789 -_./@é漢'

function textOf(schema: JsonObject, { random, root }: Making): string {
  const pattern = member(schema, 'pattern')
  if (typeof pattern === 'string') return textMatching(pattern, random) ?? ''
  if (member(schema, 'format') !== undefined && random() < 0.8) {
    const sample = pick(random, samplesOf({ ...schema, type: 'string' }, root))
    if (typeof sample === 'string') return sample
  }
  const length = lengthOf(schema, 'minLength', 'maxLength', 12, random)
  return Array.from({ length }, () => pick(random, [...LETTERS])).join('')
}

/** Often the least or the most. */
function lengthOf(schema: JsonObject, least: string, most: string, usual: number, random: Random): number {
  const from = numberIn(schema, least)
  const bound = member(schema, most)
  const to = typeof bound === 'number' ? Math.max(from, Math.min(bound, from + limits.sampleLengthMax)) : from + usual
  return Math.min(pick(random, [from, to, between(random, from, to)]) ?? from, limits.sampleLengthMax)
}

function listOf(schema: JsonObject, making: Making): Json[] {
  const prefix = member(schema, 'prefixItems')
  const length = Math.min(lengthOf(schema, 'minItems', 'maxItems', 4, making.random), making.left + 1)
  return Array.from({ length }, (_, at) =>
    anyOf((Array.isArray(prefix) ? prefix[at] : undefined) ?? member(schema, 'items') ?? true, making),
  )
}

function objectOf(schema: JsonObject, making: Making): JsonObject {
  const properties = propertiesOf(schema)
  const required = requiredBy(schema)
  const chosen = Object.keys(properties).filter((name) => required.includes(name) || making.random() < 0.6)
  const names = [...new Set([...required, ...chosen, ...othersOf(schema, making)])]
  return Object.fromEntries(names.map((name) => [name, anyOf(schemaOf(schema, name), making)]))
}

const patternsOf = (schema: JsonObject): JsonObject => {
  const patterns = member(schema, 'patternProperties')
  return isObject(patterns) ? patterns : {}
}

const schemaOf = (schema: JsonObject, name: string): Json =>
  member(propertiesOf(schema), name) ??
  Object.entries(patternsOf(schema)).find(([pattern]) => new RegExp(pattern, 'u').test(name))?.[1] ??
  member(schema, 'additionalProperties') ??
  true

/** Names that the schema does not list, but would take. */
function othersOf(schema: JsonObject, { random, sender }: Making): string[] {
  const rest = member(schema, 'additionalProperties') ?? true
  const matching = Object.keys(patternsOf(schema)).flatMap((pattern) => textMatching(pattern, random) ?? [])
  const free = rest === false || (rest === true && sender) ? [] : ['another', 'x1', 'name']
  return [...matching, ...free].filter(() => random() < 0.25)
}
