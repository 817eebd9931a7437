import type { Requirement } from './catalog.ts'
import type { Package } from './package.ts'
import { isSubset, type VersionSet } from './version-set.ts'

/** The statement that a package is in one of these states. */
export type Term = { readonly pkg: Package; readonly set: VersionSet }

/** Terms that can never hold all at once: either a fact about the catalog, or learned from two others. */
export type Incompatibility = { readonly terms: readonly Term[]; readonly origin: Fact | Derivation }

type Derivation = { readonly kind: 'derived'; readonly parents: readonly [Incompatibility, Incompatibility] }

/** What makes a version impossible from outside. An absent owner is the root. */
export type Fact = Need | Limit | InvalidRange | Exclusion | Cycle

/** `wanted` is undefined once several requirements are told as one. */
type Sides = { readonly owner: Term | undefined; readonly target: Term; readonly wanted: Requirement | undefined }

export type Need = Sides & { readonly kind: 'needs' }
/** Says something of the target only where it is there anyway. */
export type Limit = Sides & { readonly kind: 'ifPresent' | 'conflicts' }

type InvalidRange = {
  readonly kind: 'invalidRange'
  readonly owner: Term | undefined
  readonly id: string
  readonly range: string
}

/** Rules releases out whoever wants them. `kept`: another release of this package has an optional dependency to meet. */
export type Exclusion = { readonly owner: Term } & (
  | { readonly kind: 'engine'; readonly engine: string; readonly range: string; readonly have: string | undefined }
  | { readonly kind: 'pinned'; readonly version: string }
  | { readonly kind: 'yanked' | 'kept' }
)

type Cycle = { readonly kind: 'cycle'; readonly ring: readonly Term[] }

const complement = (term: Term): Term => ({ pkg: term.pkg, set: term.pkg.all & ~term.set })

export function fromFact(fact: Fact): Incompatibility {
  return { terms: combined(termsOf(fact)), origin: fact }
}

function termsOf(fact: Fact): Term[] {
  if (fact.kind === 'cycle') return [...fact.ring]
  const owner = fact.owner === undefined ? [] : [fact.owner]
  if (fact.kind === 'needs') return [...owner, complement(fact.target)]
  if (fact.kind === 'conflicts') return [...owner, fact.target]
  if (fact.kind !== 'ifPresent') return owner
  return [...owner, { pkg: fact.target.pkg, set: fact.target.pkg.present & ~fact.target.set }]
}

/** The resolvent: what follows when `pkg` must be in neither set, whichever of the two applies. */
export function resolvent(left: Incompatibility, right: Incompatibility, pkg: Package): Incompatibility {
  const elsewhere = [...left.terms, ...right.terms].filter((term) => term.pkg !== pkg)
  const set = setOf(left, pkg) | setOf(right, pkg)
  return { terms: combined([...elsewhere, { pkg, set }]), origin: { kind: 'derived', parents: [left, right] } }
}

const setOf = (incompatibility: Incompatibility, pkg: Package): VersionSet =>
  incompatibility.terms.find((term) => term.pkg === pkg)?.set ?? 0n

/** One term a package, in the packages' order; a term that always holds says nothing and goes. */
function combined(terms: readonly Term[]): Term[] {
  const byPackage = new Map<Package, VersionSet>()
  for (const { pkg, set } of terms) byPackage.set(pkg, (byPackage.get(pkg) ?? pkg.all) & set)
  return [...byPackage]
    .filter(([pkg, set]) => !isSubset(pkg.all, set))
    .map(([pkg, set]) => ({ pkg, set }))
    .sort((a, b) => a.pkg.index - b.pkg.index)
}

/** The facts that a derivation rests on, each once. */
export function factsUnder(root: Incompatibility): Incompatibility[] {
  const seen = new Set<Incompatibility>()
  const open = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (next.origin.kind === 'derived') open.push(...next.origin.parents)
  }
  return [...seen].filter((one) => one.origin.kind !== 'derived')
}
