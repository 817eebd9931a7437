import type { Json, JsonObject } from '@tenon/contract'
import { asObject, listedValues, propertiesOf, requiredBy, typesOf } from './sample.ts'
import { dereferenced, equalJson, member } from './schema-document.ts'

/** Whether it can be shown that no value is taken by both schemas: by type, by listed values, or by a property that tells. */
export function areDisjoint(one: Json, oneRoot: Json, other: Json, otherRoot: Json, depth = 8): boolean {
  const [a, b] = [asObject(dereferenced(one, oneRoot)), asObject(dereferenced(other, otherRoot))]
  if (a === undefined || b === undefined) return true
  if (depth === 0) return false
  const [listed, others] = [listedValues(a), listedValues(b)]
  if (listed !== undefined && others !== undefined)
    return !listed.some((value) => others.some((another) => equalJson(value, another)))
  const types = typesOf(a).filter((type) => shares(typesOf(b), type))
  if (types.length === 0) return true
  return types.every((type) => type === 'object') && tellingProperty(a, b).some(tells)

  function tells(name: string): boolean {
    const [mine, theirs] = [member(propertiesOf(a as JsonObject), name), member(propertiesOf(b as JsonObject), name)]
    return mine !== undefined && theirs !== undefined && areDisjoint(mine, oneRoot, theirs, otherRoot, depth - 1)
  }
}

const shares = (types: readonly string[], type: string): boolean =>
  types.includes(type) ||
  (type === 'integer' && types.includes('number')) ||
  (type === 'number' && types.includes('integer'))

/** A property that must come in either tells them apart, if its values do. */
const tellingProperty = (a: JsonObject, b: JsonObject): string[] => {
  const needed = [...requiredBy(a), ...requiredBy(b)]
  return Object.keys(propertiesOf(a)).filter((name) => needed.includes(name))
}
