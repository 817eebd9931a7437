import type { Release, Requirement } from './catalog.ts'
import type { FactBase } from './fact-base.ts'
import { fromFact, type Incompatibility, type Term } from './incompatibility.ts'
import { releaseIn, releasesWhere, type Package } from './package.ts'
import { ringIn } from './ring.ts'
import { Search, type Budget } from './search.ts'
import { unite } from './version-set.ts'

/** A package with the one release that was chosen. */
export type Picked = Term & { readonly release: Release }

/** What was chosen by id, in the order of ids. */
export type Choice = ReadonlyMap<string, Picked>

/** An optional dependency that is to be met: of one release, or of the root when there is no owner. */
export type KeptEdge = { owner: Term | undefined; requirement: Requirement }

export type Outcome =
  | { kind: 'solved'; choice: Choice }
  | { kind: 'impossible'; proof: Incompatibility }
  | { kind: 'gaveUp' }

/** Chooses one release per package so that everything holds, the kept edges too; a cycle is forbidden and solved round. */
export async function solve(facts: FactBase, kept: readonly KeptEdge[], budget: Budget): Promise<Outcome> {
  const search = new Search(budget)
  for (const fact of [...(await facts.rootFacts()), ...(await keptFacts(facts, kept))]) search.add(fact)
  for (;;) {
    const settled = search.settle()
    if (settled.kind !== 'quiet') return settled
    const next = search.undecided()
    if (next !== undefined) {
      if (!(await expand(search, facts, next))) search.decide(next)
      continue
    }
    const choice = choiceOf(search.decisions())
    const ring = cycleIn(choice, kept)
    if (ring === undefined) return { kind: 'solved', choice }
    search.add(fromFact({ kind: 'cycle', ring }))
  }
}

/** Tells the search what the next candidate of a package brings; true when that was news. */
async function expand(search: Search, facts: FactBase, pkg: Package): Promise<boolean> {
  const found = await facts.releaseFacts({ pkg, set: search.candidate(pkg) })
  return found.filter((fact) => search.add(fact)).length > 0
}

async function keptFacts(facts: FactBase, kept: readonly KeptEdge[]): Promise<Incompatibility[]> {
  const all = await Promise.all(
    kept.map(async ({ owner, requirement }) => {
      const needs = await facts.needFacts(owner, requirement)
      if (owner === undefined) return needs
      return [...needs, fromFact({ kind: 'kept', owner: { pkg: owner.pkg, set: owner.pkg.all & ~owner.set } })]
    }),
  )
  return all.flat()
}

const choiceOf = (decisions: readonly Term[]): Choice =>
  new Map(
    decisions
      .map(({ pkg, set }): [string, Picked] => [pkg.id, { pkg, set, release: releaseIn(pkg, set) }])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )

/** What a chosen release makes present: its dependencies, and its kept optional ones. */
export function edgesOf({ pkg, release }: Picked, kept: readonly KeptEdge[]): Requirement[] {
  const optional = kept.filter(({ owner }) => owner?.pkg === pkg)
  return [...release.deps, ...optional.map(({ requirement }) => requirement)]
}

/** A cycle among the chosen, each package with all its releases that have the same edge. */
function cycleIn(choice: Choice, kept: readonly KeptEdge[]): Term[] | undefined {
  const targets = [...choice].map(([id, picked]): [string, string[]] => [
    id,
    edgesOf(picked, kept).map((edge) => edge.id),
  ])
  const ring = ringIn(new Map(targets))?.flatMap((id) => choice.get(id) ?? [])
  return ring?.map((picked, at) => edgeTerm(picked, ring[(at + 1) % ring.length] ?? picked, kept))
}

function edgeTerm({ pkg }: Picked, to: Picked, kept: readonly KeptEdge[]): Term {
  const required = releasesWhere(pkg, (release) => release.deps.some((wanted) => wanted.id === to.pkg.id))
  const optional = kept.flatMap(({ owner, requirement }) =>
    owner?.pkg === pkg && requirement.id === to.pkg.id ? [owner.set] : [],
  )
  return { pkg, set: unite([required, ...optional]) }
}
