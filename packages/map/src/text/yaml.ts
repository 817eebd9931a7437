import { CORE_SCHEMA, defineScalarTag, load, NOT_RESOLVED, YAMLException } from 'js-yaml'
import { jsonValue, limits, type JsonObject } from '@tenon/contract'
import { exactIntegerOf, floatOf, integerOf, isFloat, isInteger } from './yaml-scalars.ts'

const NUMBER_STARTS = [...'+-.0123456789']

const integerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: NUMBER_STARTS,
  resolve: (source) => (isInteger(source) ? integerOf(source) : NOT_RESOLVED),
  identify: () => false,
})

const floatTag = defineScalarTag('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: NUMBER_STARTS,
  resolve: (source) => (isFloat(source) ? floatOf(source) : NOT_RESOLVED),
  identify: () => false,
})

/** Null, booleans, numbers and text: no dates, no merge keys, no types of an application. */
const schema = CORE_SCHEMA.withTags(integerTag, floatTag)

const exactIntegerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: NUMBER_STARTS,
  resolve: (source) => (isInteger(source) ? exactIntegerOf(source) : NOT_RESOLVED),
  identify: () => false,
})

const exactSchema = CORE_SCHEMA.withTags(exactIntegerTag, floatTag)

/** What a YAML mapping holds, or why the text is none. */
export type YamlMapping = { value: Record<string, unknown>; fault?: never } | { value?: never; fault: string }

/** Reads a mapping. Keys that would reach an object's prototype are dropped; a document that aliases blow up is a fault. */
export const readYamlMapping = (text: string): YamlMapping => mappingIn(text, schema, FORBIDDEN_KEYS)

/** Reads a mapping that is to be written again: with all of its keys, and a bigint where an integer is no exact number. */
export const readWholeMapping = (text: string): YamlMapping => mappingIn(text, exactSchema, NO_KEYS)

function mappingIn(text: string, by: typeof schema, dropped: ReadonlySet<string>): YamlMapping {
  const read = loaded(text, by)
  if (read.fault !== undefined) return read
  return isMapping(read.value) ? bounded(read.value, dropped) : { fault: 'the document is no mapping' }
}

/** What somebody else read from YAML, as `readYamlMapping` has it. */
export const boundedMapping = (value: Record<string, unknown>): YamlMapping => bounded(value, FORBIDDEN_KEYS)

function bounded(mapping: Record<string, unknown>, dropped: ReadonlySet<string>): YamlMapping {
  const copying: Copying = { dropped, left: limits.yamlValuesMax, depth: 1, isTooDeep: false }
  const value = plainCopy(mapping, copying)
  if (copying.isTooDeep) return { fault: `it is nested more than ${limits.yamlDepthMax} deep` }
  return copying.left < 0 ? { fault: `it holds more than ${limits.yamlValuesMax} values` } : { value }
}

function loaded(text: string, by: typeof schema): { value: unknown; fault?: never } | { fault: string } {
  try {
    return { value: load(text, { schema: by, maxDepth: limits.yamlDepthMax }) }
  } catch (thrown) {
    if (thrown instanceof YAMLException) return { fault: thrown.reason }
    throw thrown
  }
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])
const NO_KEYS = new Set<string>()

/** Aliases repeat values, and nest them in themselves. */
type Copying = { dropped: ReadonlySet<string>; left: number; depth: number; isTooDeep: boolean }

function plainCopy(mapping: Record<string, unknown>, copying: Copying): Record<string, unknown> {
  const kept = Object.entries(mapping).filter(([key]) => !copying.dropped.has(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, copied(value, copying)]))
}

function copied(value: unknown, copying: Copying): unknown {
  copying.left -= 1
  if (copying.left < 0) return null
  if (value === null || typeof value !== 'object') return value
  if (copying.depth >= limits.yamlDepthMax) {
    copying.isTooDeep = true
    return null
  }
  copying.depth += 1
  const copy = isMapping(value) ? plainCopy(value, copying) : (value as unknown[]).map((item) => copied(item, copying))
  copying.depth -= 1
  return copy
}

/** A mapping as JSON can hold it: what is no JSON number becomes null. */
export const jsonOf = (mapping: Record<string, unknown>): JsonObject =>
  // JSON text of a mapping is that of an object.
  jsonValue(JSON.stringify(mapping)) as JsonObject
