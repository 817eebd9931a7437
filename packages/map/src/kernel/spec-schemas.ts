import Type from 'typebox'
import { isObject, jsonValue, type Json } from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import { baseFrontmatter } from '../built-in/frontmatter-schemas.ts'

const open = { additionalProperties: true }

/** What the report of every action that asks a model holds. */
const reportBase = Type.Object(
  {
    confidence: Type.Number({ minimum: 0, maximum: 1 }),
    safety: Type.Object(
      {
        injectionDetected: Type.Boolean(),
        contentQuality: Type.Enum(['clean', 'suspicious', 'malformed']),
        injectionType: Type.Optional(
          Type.Union([Type.Enum(['direct-override', 'role-swap', 'hidden-instruction', 'other']), Type.Null()]),
        ),
        injectionDetails: Type.Optional(Type.Union([Type.String(), Type.Null()])),
      },
      open,
    ),
  },
  open,
)

const SPEC = 'https://skill-map.dev/spec/v0/'

/** Documents of the specification that those of plugins extend, by their addresses. */
const DOCUMENTS = new Map<string, object>([
  [`${SPEC}frontmatter/base.schema.json`, baseFrontmatter],
  [`${SPEC}report-base.schema.json`, reportBase],
])

export const isOfSpec = (address: string): boolean => DOCUMENTS.has(address)

/** A validator for a plugin's schema, which may refer to those of the specification. Throws SCHEMA_INVALID. */
export function specValidator(document: Json): Validator<Json> {
  if (!isObject(document)) return foreignValidator(document)
  const text = JSON.stringify(document)
  const meant = [...DOCUMENTS].filter(([address]) => text.includes(JSON.stringify(address)))
  const defs = Object.fromEntries(meant.map(([address, schema]) => [address, { ...schema, $id: address }]))
  const own = isObject(document['$defs']) ? document['$defs'] : {}
  return foreignValidator(
    meant.length === 0 ? document : (jsonValue(JSON.stringify({ ...document, $defs: { ...own, ...defs } })) as Json),
  )
}
