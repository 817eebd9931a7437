import type { TObject } from 'typebox'

const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/

/** A query is text. Where the schema wants a number, boolean or list, exactly their JSON spelling is read; the rest is left for the schema to refuse. */
export function typedQuery(schema: TObject, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([key, value]) => [key, typedValue(typeOf(schema.properties[key]), value)]),
  )
}

const typeOf = (schema: object | undefined): unknown =>
  schema !== undefined && 'type' in schema ? schema.type : undefined

function typedValue(type: unknown, value: unknown): unknown {
  if (typeof value !== 'string') return value
  if (type === 'array') return [value]
  if ((type === 'integer' || type === 'number') && NUMBER.test(value)) return Number(value)
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
