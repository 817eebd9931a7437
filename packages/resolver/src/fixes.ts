import { limits } from '@tenon/contract'
import minVersion from 'semver/ranges/min-version.js'
import { requirementKey, type Catalog, type Requirement } from './catalog.ts'
import { factBase } from './fact-base.ts'
import { factsUnder, type Fact, type Incompatibility } from './incompatibility.ts'
import type { NamedRequest } from './request.ts'
import { solve, type Choice } from './solve.ts'
import { isRange, newestFirst, satisfies } from './version.ts'

/** Unlike `*`, this may stand beside other alternatives: npm's grammar reads `* || x` as `*`. */
const ANY_STABLE = '>=0.0.0-0'
const PRERELEASES_TRIED = 20

/** A changed request, and how to tell it once a solution shows that it works. */
type Relaxation = { request: NamedRequest; text: (choice: Choice) => string }

/** At most three changes that are in the user's hands, each of which was solved before it is told. */
export async function verifiedFixes(
  catalog: Catalog,
  request: NamedRequest,
  proof: Incompatibility,
): Promise<string[]> {
  const budget = { steps: limits.resolveExtraStepsMax }
  const fixes = new Set<string>()
  for (const { request: relaxed, text } of await relaxations(catalog, request, factsIn(proof))) {
    if (fixes.size === limits.resolveFixesMax) break
    const outcome = await solve(factBase(catalog, relaxed), [], budget)
    if (outcome.kind === 'solved') fixes.add(text(outcome.choice))
  }
  return [...fixes]
}

const factsIn = (proof: Incompatibility): Fact[] =>
  factsUnder(proof).flatMap(({ origin }) => (origin.kind === 'derived' ? [] : [origin]))

/** Other ranges first, then the lock and the runtime, and to do without something last. */
async function relaxations(catalog: Catalog, request: NamedRequest, facts: readonly Fact[]): Promise<Relaxation[]> {
  const involved = new Set(facts.flatMap(wantedByRoot))
  const wanted = request.deps.filter(({ id }) => involved.has(id))
  return [
    ...(await Promise.all(wanted.map((requirement) => otherRange(catalog, request, requirement)))),
    ...facts.flatMap((fact) => (fact.kind === 'pinned' ? [unpinned(request, fact.owner.pkg.id)] : [])),
    ...facts.flatMap((fact) => (fact.kind === 'engine' ? otherRuntime(request, fact.engine, fact.range) : [])),
    ...wanted.map((requirement) => without(request, requirement)),
  ]
}

function wantedByRoot(fact: Fact): string[] {
  if (fact.kind === 'needs') return fact.owner === undefined ? [fact.target.pkg.id] : []
  return fact.kind === 'invalidRange' && fact.owner === undefined ? [fact.id] : []
}

/** Tries every version, and tells the range that begins with the one that was found. */
async function otherRange(catalog: Catalog, request: NamedRequest, wanted: Requirement): Promise<Relaxation> {
  const versions = (await catalog.releases(wanted.id)).map((release) => release.version)
  const prereleases = newestFirst(versions).filter((version) => !satisfies(version, ANY_STABLE))
  const range = [ANY_STABLE, ...prereleases.slice(0, PRERELEASES_TRIED)].join(' || ')
  return {
    request: replaced(request, wanted, { ...wanted, range }),
    text: (choice) =>
      `use "${requirementKey(wanted)}": "^${choice.get(wanted.id)?.release.version}" in ${request.name}`,
  }
}

const without = (request: NamedRequest, wanted: Requirement): Relaxation => ({
  request: replaced(request, wanted),
  text: () => `remove "${requirementKey(wanted)}" from ${request.name}`,
})

const unpinned = (request: NamedRequest, id: string): Relaxation => ({
  request: {
    ...request,
    locked: Object.fromEntries(Object.entries(request.locked ?? {}).filter(([key]) => key !== id)),
  },
  text: () => `unpin "${id}"`,
})

function otherRuntime(request: NamedRequest, engine: string, range: string): Relaxation[] {
  const least = isRange(range) ? minVersion(range) : null
  if (least === null) return []
  return [
    {
      request: { ...request, runtime: { ...request.runtime, [engine]: least.version } },
      text: () => `run on ${engine} ${least.version}`,
    },
  ]
}

const replaced = (request: NamedRequest, old: Requirement, ...by: Requirement[]): NamedRequest => ({
  ...request,
  deps: request.deps.flatMap((requirement) => (requirement === old ? by : [requirement])),
})
