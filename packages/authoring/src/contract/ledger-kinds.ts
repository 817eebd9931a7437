import { isObject, type Json, type JsonObject } from '@tenon/contract'
import type { Contract } from '@tenon/compat'

type Kinds = NonNullable<Contract['ledger']>

/** Each kind of entry that a ledger contract promises, as a schema; undefined when the document is none. */
export function ledgerKinds(document: Json): Kinds | undefined {
  if (!isObject(document) || !isObject(document['fields']) || !Array.isArray(document['entries'])) return undefined
  const fields = fieldSchemas(document['fields'])
  if (fields === undefined) return undefined
  const kinds = document['entries'].map((entry) => kindOf(entry, fields))
  return kinds.every((kind) => kind !== undefined) ? Object.fromEntries(kinds) : undefined
}

/** How much is recorded, from the least to the most. */
const LEVELS = ['none', 'basic', 'detailed', 'complete']

/** What the audit level may be for those who rely on this one: at least as much. */
export const auditLevel = (document: Json): Json => {
  const level = isObject(document) ? LEVELS.findIndex((one) => one === document['auditLevel']) : 0
  return { enum: LEVELS.slice(Math.max(0, level)) }
}

function kindOf(entry: Json, fields: JsonObject): [string, Kinds[string]] | undefined {
  if (!isObject(entry)) return undefined
  const { action, target, capability, required, details } = entry
  if (typeof action !== 'string' || typeof target !== 'string' || !areTexts(required) || !areTexts(details))
    return undefined
  const permission = typeof capability === 'string' ? capability : undefined
  const name = [action, target, permission ?? []].flat().join(' ')
  return [name, { entry: entrySchema(fields, required, details), ...(permission === undefined ? {} : { permission }) }]
}

const areTexts = (value: Json | undefined): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const entrySchema = (fields: JsonObject, required: string[], details: string[]): Json => ({
  type: 'object',
  properties: {
    ...fields,
    ...(details.length === 0 ? {} : { details: detailsSchema(details) }),
  },
  required: details.length === 0 ? required : [...required, 'details'],
})

/** What is among the details has a name and no type. */
const detailsSchema = (names: string[]): Json => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, true])),
  required: names,
})

const TYPES: readonly Json[] = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string']

/** The schema of each field by what its contract calls it, a type or words to choose from; undefined for anything else. */
function fieldSchemas(fields: JsonObject): JsonObject | undefined {
  const schemas = Object.entries(fields).map(([name, kind]): [string, Json | undefined] => {
    if (typeof kind === 'string' && kind.includes('|'))
      return [name, { enum: kind.split('|').map((one) => one.trim()) }]
    return [name, TYPES.includes(kind) ? { type: kind } : undefined]
  })
  return schemas.every((one): one is [string, Json] => one[1] !== undefined) ? Object.fromEntries(schemas) : undefined
}
