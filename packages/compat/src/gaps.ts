import { limits, pointerTo, type Json, type JsonObject } from '@tenon/contract'
import { foreignValidator, shown } from '@tenon/contract/schema'
import { boundGaps } from './bounds.ts'
import { areDisjoint } from './disjoint.ts'
import { gapIn, type Gap } from './gap.ts'
import { intersection } from './intersection.ts'
import { asObject, listedValues, propertiesOf, requiredBy, sampleOf, samplesOf, typesOf } from './sample.ts'
import { dereferenced, equalJson, isAnnotation, isObject, member, withoutAnnotations } from './schema-document.ts'
import { conjuncts, made, namesInside, referred, whole, type Pair, type Walk } from './walk.ts'

const HANDLED = new Set([
  ...['$defs', 'definitions', 'type', 'properties', 'required', 'additionalProperties', 'items', 'prefixItems'],
  ...['allOf', 'anyOf', 'oneOf'],
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'],
  ...['minItems', 'maxItems', 'minProperties', 'maxProperties'],
])

/** Every place at which `wide` might refuse what `narrow` takes. None means that it takes it all. */
export function gapsBetween(pair: Pair): Gap[] {
  return gaps(pair.narrow, pair.wide, { ...pair, open: new Map(), made: new Map(), left: limits.schemaPairsMax })
}

function gaps(narrowSchema: Json, wideSchema: Json, walk: Walk): Gap[] {
  const narrow = whole(narrowSchema, walk)
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
  ...conjuncts(wide, walk.wide).flatMap((part) => gaps(narrow, part, walk)),
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
  const taking = holdsReference(wide) ? undefined : foreignValidator(wide)
  return values
    .filter((value) => !known.some((other) => equalJson(value, other)) && taking?.is(value) !== true)
    .map((value) => ({ at: '', what: `the value ${shown(value)}`, candidates: [value], complete: true }))
}

/** A schema with alternatives takes what each of them takes; where both list the same ones they need no looking into. */
function branchGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] | undefined {
  const key = ['anyOf', 'oneOf'].find((one) => Array.isArray(member(narrow, one)))
  if (key === undefined || isSame(key, narrow, wide, walk)) return undefined
  const { [key]: branches, ...rest } = narrow
  const isAlone = Object.keys(rest).every((one) => isAnnotation(one) || one === '$defs' || one === 'definitions')
  return (branches as Json[]).flatMap((branch, at) => {
    if (isAlone) return gaps(branch, wide, walk)
    const inner = whole(branch, walk)
    if (inner === undefined) return []
    return gaps(
      made(narrow, `${key}/${at}`, walk, () => intersection(rest, inner)),
      wide,
      walk,
    )
  })
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
  const samples = samplesOf({ ...narrow, type: 'object' }, walk.narrow)
  return requiredBy(wide)
    .filter((name) => !given.includes(name))
    .map((name) => ({
      at: pointerTo('', name),
      what: `a document without "${name}"`,
      candidates: samples.map((document) => without(document, name)),
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
  const isMeant = requiredBy(narrow).includes(name) || (walk.sender && namesInside(narrow, walk).includes(name))
  return isMeant ? unnamed(narrow) : unnamedSent(narrow, walk)
}

/** What `narrow` says of properties that it does not name: the rest, or what one of its patterns says. */
function unnamed(schema: JsonObject): Json {
  const patterns = member(schema, 'patternProperties')
  const rest = member(schema, 'additionalProperties') ?? true
  if (!isObject(patterns)) return rest
  const matching = Object.values(patterns)
  return rest === false ? { anyOf: matching } : rest === true ? true : { anyOf: [rest, ...matching] }
}

/** The same, or undefined when none comes: what a sender does not name it does not send. */
function unnamedSent(narrow: JsonObject, walk: Walk): Json | undefined {
  const rest = unnamed(narrow)
  if (!walk.sender || rest !== true) return rest === false ? undefined : rest
  const patterns = member(narrow, 'patternProperties')
  if (isObject(patterns)) return { anyOf: Object.values(patterns) }
  return 'unevaluatedProperties' in narrow ? true : undefined
}

/** Properties that `wide` does not name: those that `narrow` names, and any other. */
function unnamedGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const rest = member(wide, 'additionalProperties') ?? true
  if (rest === true) return []
  const inside = walk.sender ? namesInside(narrow, walk) : []
  const names = [...new Set([...Object.keys(propertiesOf(narrow)), ...requiredBy(narrow), ...inside])]
  const lost = names.filter((name) => member(propertiesOf(wide), name) === undefined)
  const other = unnamedSent(narrow, walk)
  return [
    ...lost.flatMap((name) => {
      const sent = sentAs(narrow, name, walk)
      return sent === undefined ? [] : restGaps(sent, rest, name, `the property "${name}"`, narrow, walk)
    }),
    ...(other === undefined
      ? []
      : restGaps(other, rest, freshName(narrow, wide), 'a property that is not named', narrow, walk).map((gap) => ({
          ...gap,
          within: '',
        }))),
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
  const sample = asObject(sampleOf({ ...narrow, type: 'object' }, walk.narrow)) ?? {}
  const candidates = gap.candidates.map((value) => ({ ...sample, ...Object.fromEntries([[name, value]]) }))
  return gapIn(gap, pointerTo('', name), candidates)
}

/** The first items one by one, where one of the schemas tells them apart, and then all others. */
function itemGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  const apart = Math.max(prefixOf(narrow).length, prefixOf(wide).length)
  const most = member(narrow, 'maxItems')
  const places = [...Array.from({ length: apart }, (_, at) => at), apart]
  return places
    .filter((at) => typeof most !== 'number' || at < most)
    .flatMap((at) =>
      gaps(itemAt(narrow, at), itemAt(wide, at), walk).map((gap) => inItem(gap, at, apart, narrow, walk)),
    )
}

const prefixOf = (schema: JsonObject): Json[] => {
  const prefix = member(schema, 'prefixItems')
  return Array.isArray(prefix) ? prefix : []
}

const itemAt = (schema: JsonObject, at: number): Json => prefixOf(schema)[at] ?? member(schema, 'items') ?? true

function inItem(gap: Gap, at: number, apart: number, narrow: JsonObject, walk: Walk): Gap {
  const sample = sampleOf({ ...narrow, type: 'array' }, walk.narrow)
  const items = Array.isArray(sample) ? sample : []
  const before = Array.from({ length: at }, (_, index) => items[index] ?? sampleOf(itemAt(narrow, index), walk.narrow))
  const candidates = gap.candidates.map((value) => [...before, value, ...items.slice(at + 1)])
  return gapIn(gap, `/${at < apart ? at : '*'}`, candidates)
}

/** A value has to be taken by one alternative, and of `oneOf` by one only. If it can only be one, that one says more. */
function unionGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  return ['anyOf', 'oneOf'].flatMap((key) => {
    const taking = member(wide, key)
    if (!Array.isArray(taking) || isSame(key, narrow, wide, walk)) return []
    const others = (at: number): Json[] => (key === 'oneOf' ? taking.filter((_, index) => index !== at) : [])
    if (taking.some((one, at) => takesAlone(narrow, one, others(at), walk))) return []
    const [meant, ...more] = taking.filter((one) => !areDisjoint(narrow, walk.narrow, one, walk.wide))
    if (meant !== undefined && more.length === 0) return gaps(narrow, meant, walk)
    return [{ at: '', what: 'a value of one of the alternatives', candidates: samplesOf(narrow, walk.narrow) }]
  })
}

const takesAlone = (narrow: JsonObject, one: Json, others: readonly Json[], walk: Walk): boolean =>
  gaps(narrow, one, walk).length === 0 && others.every((other) => areDisjoint(narrow, walk.narrow, other, walk.wide))

/** Keywords that say something only together, and those that depend on all that is beside them. */
const TOGETHER = ['contains', 'minContains', 'maxContains']
const DEPENDENT = ['unevaluatedItems', 'unevaluatedProperties']

/** Keywords that are not understood here agree only where both schemas say the same. */
function otherGaps(narrow: JsonObject, wide: JsonObject, walk: Walk): Gap[] {
  return Object.keys(wide)
    .filter((key) => !HANDLED.has(key) && !isAnnotation(key) && !isFollowed(key, wide, walk))
    .filter((key) => !isSame(key, narrow, wide, walk))
    .map((key) => ({ at: '', what: `a value that "${key}" excludes`, candidates: samplesOf(narrow, walk.narrow) }))
}

const isFollowed = (key: string, wide: JsonObject, walk: Walk): boolean =>
  key === '$ref' && referred(wide, walk.wide) !== undefined

function isSame(key: string, narrow: JsonObject, wide: JsonObject, walk: Walk): boolean {
  if (DEPENDENT.includes(key)) return isSameWhole(narrow, wide, walk)
  const keys = TOGETHER.includes(key) ? TOGETHER : [key]
  return keys.every((one) => isSameAt(one, narrow, wide, walk))
}

function isSameAt(key: string, narrow: JsonObject, wide: JsonObject, walk: Walk): boolean {
  const [mine, theirs] = [member(narrow, key), member(wide, key)]
  if (mine === undefined || theirs === undefined) return mine === theirs
  return equalJson(withoutAnnotations(mine), withoutAnnotations(theirs)) && !refersElsewhere(key, theirs, walk)
}

const isSameWhole = (narrow: JsonObject, wide: JsonObject, walk: Walk): boolean =>
  equalJson(withoutAnnotations(narrow), withoutAnnotations(wide)) && !refersElsewhere('', wide, walk)

const refersElsewhere = (key: string, value: Json, walk: Walk): boolean =>
  holdsReference({ [key]: value }) && !equalJson(walk.narrow, walk.wide)

const holdsReference = (schema: Json): boolean => /"\$(dynamicRef|recursiveRef|ref)"/.test(JSON.stringify(schema))
