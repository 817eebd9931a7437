import { CORE_SCHEMA, defineScalarTag, load, NOT_RESOLVED, YAMLException } from 'js-yaml'
import { limits, type JsonObject } from '@tenon/contract'
import { floatOf, integerOf, isFloat, isInteger } from './yaml-scalars.ts'

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

/** What a YAML mapping holds, or why the text is none. */
export type YamlMapping = { value: Record<string, unknown>; fault?: never } | { value?: never; fault: string }

/** Reads a mapping. Keys that would reach an object's prototype are dropped; a document that aliases blow up is a fault. */
export function readYamlMapping(text: string): YamlMapping {
  const read = loaded(text)
  if (read.fault !== undefined) return read
  if (!isMapping(read.value)) return { fault: 'the document is no mapping' }
  const budget = { left: limits.yamlValuesMax }
  const value = plainCopy(read.value, budget)
  return budget.left < 0 ? { fault: `it holds more than ${limits.yamlValuesMax} values` } : { value }
}

function loaded(text: string): { value: unknown; fault?: never } | { fault: string } {
  try {
    return { value: load(text, { schema }) }
  } catch (thrown) {
    if (thrown instanceof YAMLException) return { fault: thrown.reason }
    throw thrown
  }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype'])

function plainCopy(mapping: Record<string, unknown>, budget: { left: number }): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(mapping)) if (!FORBIDDEN_KEYS.has(key)) copy[key] = copied(value, budget)
  return copy
}

function copied(value: unknown, budget: { left: number }): unknown {
  budget.left -= 1
  if (budget.left < 0) return null
  if (Array.isArray(value)) return value.map((item) => copied(item, budget))
  return isMapping(value) ? plainCopy(value, budget) : value
}

/** A mapping as JSON can hold it: what is no JSON number becomes null. */
export const jsonOf = (mapping: Record<string, unknown>): JsonObject =>
  // JSON text of a mapping is that of an object.
  JSON.parse(JSON.stringify(mapping)) as JsonObject
