import type { Json, JsonObject } from '@tenon/contract'
import { intersection } from './intersection.ts'
import { asObject, propertiesOf } from './sample.ts'
import { dereferenced, isObject, member } from './schema-document.ts'

/** The schema whose documents are asked about, and the one that should take them all. */
export type Pair = {
  narrow: Json
  wide: Json
  /** Whether `narrow` speaks for a sender, who sends no property that it does not name. */
  sender: boolean
}

/**
 * `open` holds the pairs that are being compared: to meet one again inside itself says nothing new. `made` holds the
 * schemas that were put together, so that each is one object however often it is met.
 */
export type Walk = Pair & { open: Map<Json, Set<Json>>; made: Map<JsonObject, Map<string, JsonObject>>; left: number }

/** A schema with what its references and `allOf` say said in it. */
export function whole(schema: Json, walk: Walk, depth = 16): JsonObject | undefined {
  const object = asObject(dereferenced(schema, walk.narrow))
  if (object === undefined || depth === 0) return object
  const parts = conjuncts(object, walk.narrow)
  if (parts.length === 0) return object
  return made(object, 'whole', walk, () => {
    const { allOf: _, $ref: __, ...own } = object
    return parts.reduce<JsonObject>((one, part) => {
      const next = whole(part, walk, depth - 1)
      return next === undefined ? { ...one, type: [] } : intersection(one, next)
    }, own)
  })
}

/** Schemas that judge the same value beside the keywords of this one, all of which have to take it. */
export function conjuncts(schema: JsonObject, root: Json): Json[] {
  const all = member(schema, 'allOf')
  const reference = referred(schema, root)
  return [...(Array.isArray(all) ? all : []), ...(reference === undefined ? [] : [reference])]
}

/** A reference beside other keywords, when it can be followed. */
export function referred(schema: JsonObject, root: Json): Json | undefined {
  const reference = member(schema, '$ref')
  if (reference === undefined) return undefined
  return dereferenced({ $ref: reference }, root)
}

export function made(source: JsonObject, what: string, walk: Walk, make: () => JsonObject): JsonObject {
  const known = walk.made.get(source) ?? new Map<string, JsonObject>()
  walk.made.set(source, known)
  const schema = known.get(what) ?? make()
  known.set(what, schema)
  return schema
}

const INSIDE = ['allOf', 'anyOf', 'oneOf', 'if', 'then', 'else', '$ref', 'dependentSchemas']

/** Names that a schema gives to properties of the same value further in, where what it says of them depends. */
export function namesInside(schema: JsonObject, walk: Walk, depth = 8): string[] {
  if (depth === 0) return []
  const inner = INSIDE.flatMap((key): Json[] => {
    const value = member(schema, key)
    if (value === undefined) return []
    if (key === '$ref') return [referred(schema, walk.narrow) ?? true]
    return Array.isArray(value) ? value : key === 'dependentSchemas' && isObject(value) ? Object.values(value) : [value]
  })
  return inner.flatMap((one) => {
    const object = asObject(dereferenced(one, walk.narrow))
    return object === undefined ? [] : [...Object.keys(propertiesOf(object)), ...namesInside(object, walk, depth - 1)]
  })
}
