import { limits } from '@tenon/contract'
import { factsUnder, fromFact, type Need, type Incompatibility } from './incompatibility.ts'
import type { Package } from './package.ts'
import { Search, type Budget } from './search.ts'
import { unite } from './version-set.ts'

/**
 * The same impossibility, proved from as little as possible: no fact is left that the proof can do without, facts that
 * differ only in the range are told as one where that is enough, and no version is named that nobody asks for. A proof
 * of very many facts stays as it is: nobody could read the smallest form of it either.
 */
export function smallestProof(proof: Incompatibility): Incompatibility {
  const facts = factsUnder(proof)
  if (facts.length > limits.resolveFactsMax) return proof
  const minimal = afterMerging(afterDropping(facts))
  const narrow = minimal.map((fact) => narrowed(fact, minimal))
  return prove(narrow, freshBudget()) ?? prove(minimal, freshBudget()) ?? proof
}

const freshBudget = (): Budget => ({ steps: limits.resolveExtraStepsMax })

/** A proof that these facts leave no choice; undefined when they do, or when the search was given up. */
function prove(facts: readonly Incompatibility[], budget: Budget): Incompatibility | undefined {
  const search = new Search(budget)
  for (const fact of facts) search.add(fact)
  for (;;) {
    const settled = search.settle()
    if (settled.kind !== 'quiet') return settled.kind === 'impossible' ? settled.proof : undefined
    const next = search.undecided()
    if (next === undefined) return undefined
    search.decide(next)
  }
}

/** Drops facts, large parts first, and with each success all that the new proof no longer rests on. */
function afterDropping(facts: readonly Incompatibility[]): Incompatibility[] {
  const budget = freshBudget()
  let left = [...facts]
  for (let size = Math.ceil(left.length / 2); size > 0; size = Math.floor(size / 2))
    for (let at = 0; at < left.length; ) {
      const fewer = left.toSpliced(at, size)
      const proof = prove(fewer, budget)
      if (proof === undefined) at += size
      else left = keeping(fewer, proof)
    }
  return left
}

function keeping(facts: readonly Incompatibility[], proof: Incompatibility): Incompatibility[] {
  const used = new Set(factsUnder(proof))
  return facts.filter((fact) => used.has(fact))
}

/** Tells "a 1.0.0 needs b ^1, a 1.1.0 needs b ^1.1" as "a 1.0.0 - 1.1.0 needs b 1.0.0 - 1.4.0" where that is enough. */
function afterMerging(facts: readonly Incompatibility[]): Incompatibility[] {
  const budget = freshBudget()
  let current = [...facts]
  for (const group of groupsToMerge(facts)) {
    const others = current.filter((fact) => !group.includes(fact))
    const candidate = [...others, mergedFact(group)]
    if (prove(candidate, budget) !== undefined) current = candidate
  }
  return current
}

function groupsToMerge(facts: readonly Incompatibility[]): Incompatibility[][] {
  const groups = Map.groupBy(facts, ({ origin }) =>
    origin.kind === 'needs' ? `${origin.owner?.pkg.index} ${origin.target.pkg.index}` : undefined,
  )
  return [...groups].filter(([key, group]) => key !== undefined && group.length > 1).map(([, group]) => group)
}

function mergedFact(group: readonly Incompatibility[]): Incompatibility {
  const needs = group.map((fact) => fact.origin).filter((origin) => origin.kind === 'needs')
  return fromFact(needs.reduce(mergedNeed))
}

const mergedNeed = (a: Need, b: Need): Need => ({
  kind: 'needs',
  owner: a.owner && b.owner && { pkg: a.owner.pkg, set: a.owner.set | b.owner.set },
  target: { pkg: a.target.pkg, set: a.target.set | b.target.set },
  wanted: undefined,
})

/** Of what the runtime, a yank or the lock rules out, only the versions that some need in the proof lets in. */
function narrowed(fact: Incompatibility, facts: readonly Incompatibility[]): Incompatibility {
  const { origin } = fact
  if (origin.kind !== 'engine' && origin.kind !== 'yanked' && origin.kind !== 'pinned') return fact
  const { pkg, set } = origin.owner
  const asked = unite(facts.map((other) => (isNeedOf(other.origin, pkg) ? other.origin.target.set : 0n)))
  return (set & asked) === 0n ? fact : fromFact({ ...origin, owner: { pkg, set: set & asked } })
}

const isNeedOf = (origin: Incompatibility['origin'], pkg: Package): origin is Need =>
  origin.kind === 'needs' && origin.target.pkg === pkg
