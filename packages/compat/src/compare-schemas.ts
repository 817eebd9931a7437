import type { Json } from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import type { Change, Assertion } from './change.ts'
import type { Gap } from './gap.ts'
import { gapsBetween } from './gaps.ts'
import { instancesOf } from './instances.ts'
import { equalJson, tolerant, withoutAnnotations } from './schema-document.ts'
import type { Pair } from './walk.ts'

/** What a plugin is sent has to stay valid; what it sends must be nothing new to a reader of the old contract. */
export type Direction = 'taken' | 'given'

/** How many documents are made before a doubt is told as one. */
const TRIES = 200
const SEED = 1

/** What changed between two schemas of one place. */
export function compareSchemas(
  direction: Direction,
  old: Json,
  next: Json,
  where: string,
  assertions: readonly Assertion[] = [],
): Change[] {
  if (equalJson(withoutAnnotations(old), withoutAnnotations(next))) return []
  const trial = trialOf(direction, old, next, mostOf(assertions))
  const changes = gapsBetween(trial.pair).flatMap((gap) => judged(gap, trial, `${where}${gap.at}`, assertions))
  return changes.length > 0 ? withoutRepeats(changes) : [{ where, verdict: 'compatible', why: ALL_WELL[direction] }]
}

const ALL_WELL = {
  taken: 'all that was taken still is',
  given: 'nothing comes that a reader could not take before',
} as const

const mostOf = (assertions: readonly Assertion[]): number =>
  Math.max(TRIES, ...assertions.map(({ instances }) => instances))

/** Documents are tried with both schemas, never with what was made of them alone. */
type Trial = {
  direction: Direction
  pair: Pair
  isBroken(document: Json): boolean
  isSent(document: Json): boolean
  /** Where in a document the receiver found something to refuse. */
  refusals(document: Json): string[]
  made(): readonly Json[]
}

function trialOf(direction: Direction, old: Json, next: Json, count: number): Trial {
  const sender = direction === 'given'
  const pair = sender ? { narrow: next, wide: tolerant(old), sender } : { narrow: old, wide: next, sender }
  const [sent, taken, strict] = [pair.narrow, pair.wide, sender ? old : next].map(foreignValidator) as [
    Validator<Json>,
    Validator<Json>,
    Validator<Json>,
  ]
  let documents: readonly Json[] | undefined
  return {
    direction,
    pair,
    isBroken: (document) => sent.is(document) && !taken.is(document) && !strict.is(document),
    isSent: (document) => sent.is(document),
    refusals: (document) => taken.problems(document).map(({ pointer }) => anyItem(pointer)),
    made: () => (documents ??= instancesOf(pair.narrow, { seed: SEED, count, sender })),
  }
}

/** Turns what might be refused into a change, by trying it. */
function judged(gap: Gap, trial: Trial, where: string, assertions: readonly Assertion[]): Change[] {
  const why = told(gap, trial.direction)
  const tried = gap.candidates.find(trial.isBroken)
  if (tried === undefined && gap.complete === true && gap.candidates.every(trial.isSent)) return []
  const witness = tried ?? madeWitness(gap, trial)
  if (witness !== undefined) return [{ where, verdict: 'breaking', why, witness }]
  const assertion = assertions.find((one) => one.where === where)
  const doubt = `it may be that ${why}`
  return [assertion === undefined ? { where, verdict: 'unknown', why: doubt } : vouched(assertion, trial, where, doubt)]
}

/** The smallest of the random documents that are refused at the place of the gap. */
function madeWitness({ at, within = at }: Gap, trial: Trial): Json | undefined {
  const place = anyItem(within)
  const near = trial
    .made()
    .filter(trial.isBroken)
    .filter((one) => trial.refusals(one).some((refused) => refused.startsWith(place) || place.startsWith(refused)))
  return near.toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length)[0]
}

const anyItem = (pointer: string): string => pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')

/** A doubt that somebody vouches for is none any more when enough documents bear it out. */
function vouched({ reviewer, instances }: Assertion, trial: Trial, where: string, doubt: string): Change {
  const documents = trial.made().slice(0, instances)
  const witness = documents.find(trial.isBroken)
  if (witness !== undefined)
    return { where, verdict: 'breaking', why: `${reviewer} vouched for it, and a document shows otherwise`, witness }
  if (documents.length < instances)
    return {
      where,
      verdict: 'unknown',
      why: `${doubt}; ${reviewer} vouches for it, but only ${documents.length} of ${instances} documents could be made`,
    }
  return { where, verdict: 'compatible', why: `${reviewer} vouches for it, and ${instances} documents bear it out` }
}

const told = ({ what }: Gap, direction: Direction): string =>
  direction === 'taken' ? `${what} was taken and is refused now` : `${what} may come now and never did`

const withoutRepeats = (changes: readonly Change[]): Change[] => [
  ...new Map(changes.map((change) => [`${change.where} ${change.why}`, change])).values(),
]
