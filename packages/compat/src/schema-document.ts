import { canonicalJson, type Json, type JsonObject } from '@tenon/contract'
import { valueAt } from '@tenon/contract/schema'

const SCHEMA_MAPS = ['$defs', 'definitions', 'dependentSchemas', 'patternProperties', 'properties']
const DATA = ['const', 'default', 'enum', 'examples']
const ANNOTATIONS = [
  '$comment',
  '$id',
  '$schema',
  'default',
  'deprecated',
  'description',
  'examples',
  'readOnly',
  'title',
  'writeOnly',
]

export const isObject = (value: Json | undefined): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)

/** Reads a key of somebody else's document, which may be called `constructor`. */
export const member = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined

export const equalJson = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : canonicalJson(a) === canonicalJson(b)

/** A schema without what changes no verdict: titles, descriptions, defaults. */
export const withoutAnnotations = (schema: Json): Json =>
  mapSchemas(schema, (object) => Object.fromEntries(Object.entries(object).filter(([key]) => !isAnnotation(key))))

export const isAnnotation = (key: string): boolean => ANNOTATIONS.includes(key) || key.startsWith('x-')

/** A schema as a reader holds to it who ignores properties that it does not know. */
export const tolerant = (schema: Json): Json =>
  mapSchemas(schema, (object) =>
    Object.fromEntries(
      Object.entries(object).filter(
        ([key, value]) => value !== false || (key !== 'additionalProperties' && key !== 'unevaluatedProperties'),
      ),
    ),
  )

/** Follows a local `$ref` that stands alone; anything else stays as it is. */
export function dereferenced(schema: Json, root: Json): Json {
  let at = schema
  for (let hops = 0; isObject(at) && hops < 32; hops += 1) {
    const keys = Object.keys(at).filter((key) => !isAnnotation(key))
    const reference = member(at, '$ref')
    if (keys.length !== 1 || typeof reference !== 'string' || !reference.startsWith('#')) break
    const target = valueAt(root, decodeURIComponent(reference.slice(1))) as Json | undefined
    if (target === undefined) break
    at = target
  }
  return at
}

/** Changes every schema object inside a schema, innermost first, and nothing that is data or a name. */
function mapSchemas(schema: Json, change: (object: JsonObject) => JsonObject): Json {
  if (Array.isArray(schema)) return schema.map((inner) => mapSchemas(inner, change))
  if (!isObject(schema)) return schema
  const mapped = Object.entries(schema).map(([key, value]): [string, Json] => {
    if (DATA.includes(key)) return [key, value]
    if (!SCHEMA_MAPS.includes(key) || !isObject(value)) return [key, mapSchemas(value, change)]
    const inner = Object.entries(value).map(([name, one]): [string, Json] => [name, mapSchemas(one, change)])
    return [key, Object.fromEntries(inner)]
  })
  return change(Object.fromEntries(mapped))
}
