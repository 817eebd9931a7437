import type { Catalog, Requirement } from './catalog.ts'
import { fromFact, type Fact, type Incompatibility, type Term } from './incompatibility.ts'
import { packageTable, releasesWhere, type Package } from './package.ts'
import type { ResolveRequest } from './request.ts'
import { parseRange, parseVersion } from './version.ts'
import { EMPTY, only } from './version-set.ts'

/** Where requirements of each kind are written, and the fact that they become. */
const CONSTRAINTS = [
  ['needs', 'deps'],
  ['ifPresent', 'ifPresent'],
  ['conflicts', 'conflicts'],
] as const

type ConstraintKind = (typeof CONSTRAINTS)[number][0]

type Constraint = { kind: ConstraintKind; owner: Term | undefined; wanted: Requirement }

/** The facts of a catalog as one request sees them, made when they are first asked for. */
export type FactBase = {
  rootFacts(): Promise<Incompatibility[]>
  /** All that follows from choosing one release; what several releases say alike is one fact. */
  releaseFacts(chosen: Term): Promise<Incompatibility[]>
  /** That `owner`, or the root, needs something; with what is known of the target itself. */
  needFacts(owner: Term | undefined, wanted: Requirement): Promise<Incompatibility[]>
}

export function factBase(catalog: Catalog, request: ResolveRequest): FactBase {
  const locked = new Map(Object.entries(request.locked ?? {}))
  const runtime = request.runtime && new Map(Object.entries(request.runtime))
  const table = packageTable(catalog, locked)
  const made = new Map<string, Incompatibility>()
  const constraintsOf = memo(constraintsIn)
  const exclusionsOf = memo((pkg: Package) =>
    [...engineFacts(pkg, runtime), ...lockFacts(pkg, locked.get(pkg.id), request.lockMode)].map(fromFact),
  )

  async function factsFor(constraint: Constraint): Promise<Incompatibility[]> {
    const pkg = await table.load(constraint.wanted.id)
    return [once(made, constraintKey(constraint), () => constraintFact(constraint, pkg)), ...exclusionsOf(pkg)]
  }
  const allFor = async (constraints: readonly Constraint[]): Promise<Incompatibility[]> =>
    (await Promise.all(constraints.map(factsFor))).flat()

  return {
    needFacts: (owner, wanted) => factsFor({ kind: 'needs', owner, wanted }),
    rootFacts: () => allFor(request.deps.map((wanted) => ({ kind: 'needs', owner: undefined, wanted }))),
    releaseFacts: ({ pkg, set }) => allFor(constraintsOf(pkg).filter(({ owner }) => (owner.set & set) !== 0n)),
  }
}

const constraintKey = ({ kind, owner, wanted }: Constraint): string =>
  `${owner?.pkg.index} ${owner?.set} ${kind} ${wanted.id} ${wanted.publisher} ${wanted.range}`

/** All that the releases of a package ask for, each with the releases that ask for just this. */
function constraintsIn(pkg: Package): (Constraint & { owner: Term })[] {
  const alike = new Map<string, Constraint & { owner: Term }>()
  for (const [index, release] of pkg.releases.entries())
    for (const [kind, field] of CONSTRAINTS)
      for (const wanted of release[field]) {
        const key = constraintKey({ kind, owner: undefined, wanted })
        const set = (alike.get(key)?.owner.set ?? EMPTY) | only(index)
        alike.set(key, { kind, owner: { pkg, set }, wanted })
      }
  return [...alike.values()]
}

function constraintFact({ kind, owner, wanted }: Constraint, pkg: Package): Incompatibility {
  const set = pkg.fitting(wanted)
  if (set === undefined) return fromFact({ kind: 'invalidRange', owner, id: wanted.id, range: wanted.range })
  return fromFact({ kind, owner, target: { pkg, set }, wanted })
}

/** Rules out what is yanked, but for a locked version, and under a pin all but the locked version. */
function lockFacts(pkg: Package, locked: string | undefined, lockMode: ResolveRequest['lockMode']): Fact[] {
  const facts: Fact[] = []
  const yanked = releasesWhere(pkg, (release) => release.yanked && release.version !== locked)
  if (yanked !== EMPTY) facts.push({ kind: 'yanked', owner: { pkg, set: yanked } })
  if (locked === undefined || lockMode !== 'pin') return facts
  const others = releasesWhere(pkg, (release) => release.version !== locked)
  if (others !== EMPTY) facts.push({ kind: 'pinned', owner: { pkg, set: others }, version: locked })
  return facts
}

function engineFacts(pkg: Package, runtime: ReadonlyMap<string, string> | undefined): Fact[] {
  if (runtime === undefined) return []
  const needs = pkg.releases.flatMap(({ engines }) => Object.entries(engines))
  const distinct = new Map(needs.map(([engine, range]) => [`${engine} ${range}`, { engine, range }]))
  return [...distinct.values()]
    .filter(({ engine, range }) => !engineFits(runtime.get(engine), range))
    .map(({ engine, range }) => {
      const set = releasesWhere(pkg, ({ engines }) => Object.hasOwn(engines, engine) && engines[engine] === range)
      return { kind: 'engine', owner: { pkg, set }, engine, range, have: runtime.get(engine) }
    })
}

/** A runtime's prerelease counts as the version it leads to, as npm has it for engines. */
function engineFits(have: string | undefined, range: string): boolean {
  const version = have === undefined ? undefined : parseVersion(have)
  return version !== undefined && parseRange(range, { includePrerelease: true })?.test(version) === true
}

function once<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make()
  known.set(key, value)
  return value
}

function memo<K, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return (key) => once(known, key, () => make(key))
}
