import { pointerTo, type Json } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import type { Gap } from './gap.ts'
import { gapsBetween, type Pair } from './gaps.ts'
import { equalJson, tolerant, withoutAnnotations } from './schema-document.ts'

export type Contract = {
  version: string
  /** Schemas of input and output by operation; without one it takes or gives nothing. */
  operations: Readonly<Record<string, { input?: Json; output?: Json }>>
  /** The payload's schema by event type. */
  events: Readonly<Record<string, Json>>
  services: Readonly<Record<string, { request: Json; response: Json }>>
  /** The schema of a configuration, if there is one to give. */
  settings?: Json
}

export type Verdict = 'compatible' | 'breaking' | 'unknown'

/**
 * `where` is a JSON pointer into the contract and on into a document, with `*` for any item. A witness is a document
 * that the two versions judge differently; what is simply gone needs none.
 */
export type Change = { where: string; verdict: Verdict; why: string; witness?: Json }

/** What a plugin is sent has to stay valid; what it sends must be nothing new to a reader of the old contract. */
type Direction = 'taken' | 'given'

const NOTHING: Json = { type: 'object', additionalProperties: false }

/** What changed between two versions of a plugin's contract, for those who rely on the older one. Throws SCHEMA_INVALID. */
export function compareContracts(before: Contract, after: Contract): Change[] {
  return [
    ...compareNamed(before.operations, after.operations, '/operations', (old, next, at) => [
      ...compareSchemas('taken', old.input ?? NOTHING, next.input ?? NOTHING, `${at}/input`),
      ...compareOptional('given', old.output, next.output, `${at}/output`),
    ]),
    ...compareNamed(before.events, after.events, '/events', (old, next, at) => compareSchemas('given', old, next, at)),
    ...compareNamed(before.services, after.services, '/services', (old, next, at) => [
      ...compareSchemas('taken', old.request, next.request, `${at}/request`),
      ...compareSchemas('given', old.response, next.response, `${at}/response`),
    ]),
    ...compareSchemas('taken', before.settings ?? NOTHING, after.settings ?? NOTHING, '/settings'),
  ]
}

function compareNamed<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  at: string,
  compare: (old: T, next: T, where: string) => Change[],
): Change[] {
  const [old, next] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  const names = [...new Set([...old.keys(), ...next.keys()])].toSorted()
  return names.flatMap((name) => {
    const where = pointerTo(at, name)
    const [one, other] = [old.get(name), next.get(name)]
    if (one !== undefined && other !== undefined) return compare(one, other, where)
    return [other === undefined ? gone(where) : added(where)]
  })
}

const gone = (where: string): Change => ({ where, verdict: 'breaking', why: 'it is gone' })
const added = (where: string): Change => ({ where, verdict: 'compatible', why: 'it is new' })

function compareOptional(direction: Direction, old: Json | undefined, next: Json | undefined, where: string): Change[] {
  if (old !== undefined && next !== undefined) return compareSchemas(direction, old, next, where)
  if (old === next) return []
  return [next === undefined ? gone(where) : added(where)]
}

function compareSchemas(direction: Direction, old: Json, next: Json, where: string): Change[] {
  if (equalJson(withoutAnnotations(old), withoutAnnotations(next))) return []
  const pair: Pair =
    direction === 'taken'
      ? { narrow: old, wide: next, sender: false }
      : { narrow: next, wide: tolerant(old), sender: true }
  const changes = judged(pair, direction, where)
  return changes.length > 0 ? changes : [{ where, verdict: 'compatible', why: ALL_WELL[direction] }]
}

const ALL_WELL = {
  taken: 'all that was taken still is',
  given: 'nothing comes that a reader could not take before',
} as const

/** Turns what might be refused into changes, by trying it. */
function judged(pair: Pair, direction: Direction, where: string): Change[] {
  const [narrow, wide] = [foreignValidator(pair.narrow), foreignValidator(pair.wide)]
  return gapsBetween(pair).flatMap((gap): Change[] => {
    const tried = gap.candidates.map((value) => ({ value, sent: narrow.is(value), taken: wide.is(value) }))
    const witness = tried.find(({ sent, taken }) => sent && !taken)
    const at = `${where}${gap.at}`
    if (witness !== undefined)
      return [{ where: at, verdict: 'breaking', why: told(gap, direction), witness: witness.value }]
    if (gap.complete === true && tried.every(({ sent }) => sent)) return []
    return [{ where: at, verdict: 'unknown', why: `it may be that ${told(gap, direction)}` }]
  })
}

const told = ({ what }: Gap, direction: Direction): string =>
  direction === 'taken' ? `${what} was taken and is refused now` : `${what} may come now and never did`
