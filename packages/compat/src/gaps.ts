import { limits, pointerTo, type Json, type JsonObject } from '@tenon/contract'
import { shown } from '@tenon/contract/schema'
import { boundGaps } from './bounds.ts'
import type { Gap } from './gap.ts'
import { asObject, propertiesOf, requiredBy, sampleOf, samplesOf, typesOf } from './sample.ts'
import { dereferenced, equalJson, isAnnotation, member } from './schema-document.ts'

/** The schema whose documents are asked about, and the one that should take them all. */
export type Pair = {
  narrow: Json
  wide: Json
  /** Whether `narrow` speaks for a sender, who sends no property that it does not name. */
  sender: boolean
}

/** `open` holds the pairs that are being compared: to meet one again inside itself says nothing new. */
type Walk = Pair & { open: Map<Json, Set<Json>>; left: number }

const HANDLED = new Set([
  ...['$defs', 'type', 'properties', 'required', 'additionalProperties', 'items', 'anyOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
])

/** Every place at which `wide` might refuse what `narrow` takes. None means that it takes it all. */
export function gapsBetween(pair: Pair): Gap[] {
  return gaps(pair.narrow, pair.wide, { ...pair, open: new Map(), left: limits.schemaPairsMax })
}

function gaps(narrowSchema: Json, wideSchema: Json, walk: Walk): Gap[] {
  const narrow = asObject(dereferenced(narrowSchema, walk.narrow))
  const wide = asObject(dereferenced(wideSchema, walk.wide))
  if (narrow === undefined) return []
  if (wide === undefined) return [{ at: '', what: 'any value', candidates: samplesOf(narrow, walk.narrow) }]
  walk.left -= 1
  if (walk.left < 0) return [{ at: '', what: 'something too large to compare', candidates: [] }]
  const inside = walk.open.get(narrow) ?? new Set()
  if (inside.has(wide)) return []
  walk.open.set(narrow, inside.add(wide))
  const found = valueGaps(narrow, wide) ?? branchGaps(narrow, wide, walk) ?? keywordGaps(narrow, wide, walk)
  inside.delete(wide)
  return found
}

const keywordGaps = (narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] => [
  ...typeGaps(narrow, wide, walk),
  ...boundGaps(narrow, wide, walk.narrow),
  ...(typesOf(narrow).includes('object') ? objectGaps(narrow, wide, walk) : []),
  ...(typesOf(narrow).includes('array') ? itemGaps(narrow, wide, walk) : []),
  ...unionGaps(narrow, wide, walk),
  ...otherGaps(narrow, wide, walk),
]

/** Where a schema lists its values they are all there is to try, but for those that the other one lists as well. */
function valueGaps(narrow: JsonObject, wide: JsonObject): Gap[] | undefined {
  const values = listedValues(narrow)
  if (values === undefined) return undefined
  const onlyLists = Object.keys(wide).every((key) => ['const', 'enum', 'type'].includes(key) || isAnnotation(key))
  const known = onlyLists ? (listedValues(wide) ?? []) : []
  return values
    .filter((value) => !known.some((other) => equalJson(value, other)))
    .map((value) => ({ at: '', what: `the value ${shown(value)}`, candidates: [value], complete: true }))
}

/** A schema that is nothing but alternatives takes what each of them takes. */
function branchGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] | undefined {
  const keys = Object.keys(narrow).filter((key) => !isAnnotation(key) && key !== '$defs')
  const branches = keys.length === 1 ? (member(narrow, 'anyOf') ?? member(narrow, 'oneOf')) : undefined
  return Array.isArray(branches) ? branches.flatMap((branch) => gaps(branch, wide, walk)) : undefined
}

function listedValues(schema: JsonObject): Json[] | undefined {
  const constant = member(schema, 'const')
  if (constant !== undefined) return [constant]
  const values = member(schema, 'enum')
  return Array.isArray(values) ? values : undefined
}

function typeGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const allowed = typesOf(wide)
  const lost = typesOf(narrow).filter(
    (type) => !allowed.includes(type) && !(type === 'integer' && allowed.includes('number')),
  )
  if (lost.length === 0) return []
  const candidates = lost.flatMap((type) => samplesOf({ ...narrow, type }, walk.narrow))
  return [{ at: '', what: `a value of type ${lost.join(', ')}`, candidates }]
}

function objectGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  return [...requiredGaps(narrow, wide, walk), ...propertyGaps(narrow, wide, walk), ...unnamedGaps(narrow, wide, walk)]
}

function requiredGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const given = requiredBy(narrow)
  const whole = samplesOf({ ...narrow, type: 'object' }, walk.narrow)
  return requiredBy(wide)
    .filter((name) => !given.includes(name))
    .map((name) => ({
      at: pointerTo('', name),
      what: `a document without "${name}"`,
      candidates: whole.map((document) => without(document, name)),
    }))
}

const without = (document: Json, name: string): Json =>
  Object.fromEntries(Object.entries(asObject(document) ?? {}).filter(([key]) => key !== name))

function propertyGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  return Object.entries(propertiesOf(wide)).flatMap(([name, schema]) => {
    const sent = sentAs(narrow, name, walk)
    return sent === undefined ? [] : gaps(sent, schema, walk).map((gap) => inProperty(gap, name, narrow, walk))
  })
}

/** What `narrow` says of a property, or undefined when it never comes. */
function sentAs(narrow: JsonObject, name: string, walk: Walk): Json | undefined {
  const named = member(propertiesOf(narrow), name)
  if (named !== undefined) return named === false ? undefined : named
  return requiredBy(narrow).includes(name) ? (unnamed(narrow) ?? true) : unnamedSent(narrow, walk)
}

const unnamed = (schema: JsonObject): Json | undefined => member(schema, 'additionalProperties')

/** What `narrow` says of properties that it does not name, or undefined when none comes. */
function unnamedSent(narrow: JsonObject, walk: Walk): Json | undefined {
  const schema = unnamed(narrow) ?? true
  return schema === false || (schema === true && walk.sender) ? undefined : schema
}

/** Properties that `wide` does not name: those that `narrow` names, and any other. */
function unnamedGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const rest = unnamed(wide) ?? true
  if (rest === true) return []
  const names = [...new Set([...Object.keys(propertiesOf(narrow)), ...requiredBy(narrow)])]
  const lost = names.filter((name) => member(propertiesOf(wide), name) === undefined)
  const other = unnamedSent(narrow, walk)
  return [
    ...lost.flatMap((name) => {
      const sent = sentAs(narrow, name, walk)
      return sent === undefined ? [] : restGaps(sent, rest, name, `the property "${name}"`, narrow, walk)
    }),
    ...(other === undefined
      ? []
      : restGaps(other, rest, freshName(narrow, wide), 'a property that is not named', narrow, walk)),
  ]
}

function restGaps(sent: Json, rest: Json, name: string, what: string, narrow: JsonObject, walk: Walk): Gap[] {
  return gaps(sent, rest, walk).map((gap) => inProperty(rest === false ? { ...gap, what } : gap, name, narrow, walk))
}

function freshName(...schemas: JsonObject[]): string {
  const taken = schemas.flatMap((schema) => [...Object.keys(propertiesOf(schema)), ...requiredBy(schema)])
  let name = 'another'
  while (taken.includes(name)) name += '1'
  return name
}

/** A gap of a property as one of the whole object. */
function inProperty(gap: Gap, name: string, narrow: JsonObject, walk: Walk): Gap {
  const whole = asObject(sampleOf({ ...narrow, type: 'object' }, walk.narrow)) ?? {}
  const candidates = gap.candidates.map((value) => ({ ...whole, ...Object.fromEntries([[name, value]]) }))
  return { ...gap, at: `${pointerTo('', name)}${gap.at}`, candidates }
}

function itemGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const sample = sampleOf({ ...narrow, type: 'array' }, walk.narrow)
  const rest = Array.isArray(sample) ? sample.slice(1) : []
  return gaps(member(narrow, 'items') ?? true, member(wide, 'items') ?? true, walk).map((gap) => ({
    ...gap,
    at: `/*${gap.at}`,
    candidates: gap.candidates.map((value) => [value, ...rest]),
  }))
}

/** Each alternative has to be taken by one alternative of the other. */
function unionGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const taking = alternatives(wide)
  if (taking === undefined) return []
  return (alternatives(narrow) ?? [narrow])
    .filter((one) => !taking.some((other) => gaps(one, other, walk).length === 0))
    .map((one) => ({ at: '', what: 'a value of one of the alternatives', candidates: samplesOf(one, walk.narrow) }))
}

const alternatives = (schema: JsonObject): Json[] | undefined => {
  const branches = member(schema, 'anyOf')
  return Array.isArray(branches) ? branches : undefined
}

/** Keywords that are not understood here agree only where both schemas say the same. */
function otherGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  return Object.entries(wide)
    .filter(([key]) => !HANDLED.has(key) && !isAnnotation(key))
    .filter(([key, value]) => !equalJson(member(narrow, key), value) || refersElsewhere(key, value, walk))
    .map(([key]) => ({ at: '', what: `a value that "${key}" excludes`, candidates: samplesOf(narrow, walk.narrow) }))
}

const refersElsewhere = (key: string, value: Json, walk: Walk): boolean =>
  JSON.stringify({ [key]: value }).includes('"$ref"') && !equalJson(walk.narrow, walk.wide)
