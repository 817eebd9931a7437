import { canonicalJson, isObject, ownValue, pointerTo, type Json } from '@tenon/contract'
import { shown } from '@tenon/contract/schema'

/** Why a value is not exactly another; undefined when it is. */
export const unlike = (got: Json | undefined, wanted: Json): string | undefined =>
  got !== undefined && canonicalJson(got) === canonicalJson(wanted)
    ? undefined
    : `it is ${shown(got)}, not ${shown(wanted)}`

/** The same, where objects may hold more keys than are wanted; with the place of what is not so. */
export function lacking(got: Json | undefined, wanted: Json, place = ''): string | undefined {
  if (!isObject(wanted) || !isObject(got)) {
    const fault = unlike(got, wanted)
    return fault === undefined || place === '' ? fault : `at ${place} ${fault}`
  }
  return Object.entries(wanted)
    .map(([key, value]) => lacking(ownValue(got, key), value, pointerTo(place, key)))
    .find((fault) => fault !== undefined)
}
