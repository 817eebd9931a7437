import type { Json, JsonObject } from '@tenon/contract'
import type { Gap } from './gap.ts'
import { numberIn, sampleOfLength, typesOf } from './sample.ts'
import { member } from './schema-document.ts'

const LENGTHS = [
  ['string', 'minLength', 'maxLength', 'a text'],
  ['array', 'minItems', 'maxItems', 'a list'],
  ['object', 'minProperties', 'maxProperties', 'an object'],
] as const

/** Numbers, texts, lists and objects that are within the bounds of one schema and out of those of another. */
export function boundGaps(narrow: JsonObject, wide: JsonObject, root: Json): Gap[] {
  const types = typesOf(narrow)
  const numeric = types.includes('number') || types.includes('integer')
  return [
    ...(numeric ? numberGaps(narrow, wide, !types.includes('number')) : []),
    ...LENGTHS.flatMap((length) => (types.includes(length[0]) ? lengthGaps(length, narrow, wide, root) : [])),
  ]
}

function lengthGaps(
  [type, least, most, what]: (typeof LENGTHS)[number],
  narrow: JsonObject,
  wide: JsonObject,
  root: Json,
): Gap[] {
  const [from, to] = [numberIn(wide, least), upperLength(wide, most)]
  const tried = (length: number): Json[] => sampleOfLength(type, length, narrow, root)
  return [
    ...(numberIn(narrow, least) < from
      ? [
          {
            at: '',
            what: `${what} shorter than ${from}`,
            candidates: [...tried(from - 1), ...tried(numberIn(narrow, least))],
          },
        ]
      : []),
    ...(upperLength(narrow, most) > to
      ? [{ at: '', what: `${what} longer than ${to}`, candidates: tried(to + 1) }]
      : []),
  ]
}

const upperLength = (schema: JsonObject, key: string): number =>
  typeof member(schema, key) === 'number' ? numberIn(schema, key) : Number.POSITIVE_INFINITY

/** The lowest number that is taken, or the highest; `open` when the number itself is not. */
type Bound = { value: number; open: boolean }

function numberGaps(narrow: JsonObject, wide: JsonObject, whole: boolean): Gap[] {
  return ([1, -1] as const).flatMap((sign) => {
    const [inner, outer] = [boundOf(narrow, sign, whole), boundOf(wide, sign, whole)]
    const nested = inner.value === outer.value ? inner.open || !outer.open : inner.value > outer.value
    if (nested) return []
    const near = [outer.value, outer.value - 1, inner.value, inner.value + 1, (inner.value + outer.value) / 2]
    const what = `a number ${sign === 1 ? 'below' : 'above'} ${sign * outer.value}`
    return [{ at: '', what, candidates: near.filter(Number.isFinite).map((value) => sign * value) }]
  })
}

/** Upper bounds are told as lower bounds of the negated number, so that one rule serves for both. */
function boundOf(schema: JsonObject, sign: 1 | -1, whole: boolean): Bound {
  const [closed, open] = sign === 1 ? ['minimum', 'exclusiveMinimum'] : ['maximum', 'exclusiveMaximum']
  const bounds = [closed, open].flatMap((key) => {
    const value = member(schema, key)
    return typeof value === 'number' ? [{ value: sign * value, open: key === open }] : []
  })
  const none = { value: Number.NEGATIVE_INFINITY, open: false }
  const strictest = bounds.reduce((a, b) => (b.value > a.value || (b.value === a.value && b.open) ? b : a), none)
  if (!whole || !Number.isFinite(strictest.value)) return strictest
  return { value: strictest.open ? Math.floor(strictest.value) + 1 : Math.ceil(strictest.value), open: false }
}
