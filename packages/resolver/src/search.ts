import { assert } from '@tenon/contract'
import { resolvent, type Incompatibility, type Term } from './incompatibility.ts'
import type { Package } from './package.ts'
import { ABSENT, firstOf, isSubset, sizeOf, type VersionSet } from './version-set.ts'

/** Narrows a package to `added`, which leaves `allowed`. A decision has no cause. */
type Assignment = {
  readonly pkg: Package
  readonly added: VersionSet
  readonly allowed: VersionSet
  readonly level: number
  readonly cause: Incompatibility | undefined
}

/** What is known of a package: `history` holds the positions of its assignments, `size` counts `allowed` or is 0 until asked. */
type Standing = {
  readonly pkg: Package
  readonly mentions: Clause[]
  readonly history: number[]
  allowed: VersionSet
  size: number
  decided: boolean
  conflicts: number
}

/** An incompatibility at work. `blocker` is the term that was last seen not to hold: looking there first saves most work. */
type Clause = {
  readonly incompatibility: Incompatibility
  readonly terms: readonly Place[]
  blocker: Place | undefined
}
type Place = { readonly standing: Standing; readonly set: VersionSet }

/** How many incompatibilities may still be looked at, in all the searches that share it: time, but the same everywhere. */
export type Budget = { steps: number }

/** `quiet`: nothing more follows, so decide. `impossible`: `proof` derives that no choice is left. */
export type Settled = { kind: 'quiet' } | { kind: 'impossible'; proof: Incompatibility } | { kind: 'gaveUp' }

/**
 * The heart of PubGrub: a trail of decisions and of what follows from them, and incompatibilities that grow by learning.
 * The trail never satisfies an incompatibility once `settle` has returned `quiet`.
 */
export class Search {
  /** By the packages' indices, with holes. */
  readonly #standings: (Standing | undefined)[] = []
  readonly #trail: Assignment[] = []
  readonly #changed = new Set<Standing>()
  readonly #known = new Set<Incompatibility>()
  #contradiction: Incompatibility | undefined
  #level = 0
  readonly #budget: Budget

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** Takes an incompatibility in; false when it was known. */
  add(incompatibility: Incompatibility): boolean {
    if (this.#known.has(incompatibility)) return false
    this.#known.add(incompatibility)
    if (incompatibility.terms.length === 0) this.#contradiction ??= incompatibility
    const terms = incompatibility.terms.map(({ pkg, set }) => ({ standing: this.#standing(pkg), set }))
    this.#budget.steps -= terms.length
    const clause = { incompatibility, terms, blocker: undefined }
    for (const { standing } of terms) {
      standing.mentions.push(clause)
      this.#changed.add(standing)
    }
    return true
  }

  /** Draws every conclusion, learning from each conflict and going back as far as its cause. */
  settle(): Settled {
    while (this.#contradiction === undefined) {
      const [next] = this.#changed
      if (next === undefined) return { kind: 'quiet' }
      if (this.#budget.steps < 0) return { kind: 'gaveUp' }
      const conflict = this.#propagate(next)
      if (conflict === undefined) continue
      this.#changed.add(next)
      this.#learn(conflict)
    }
    return { kind: 'impossible', proof: this.#contradiction }
  }

  /** The package to decide next: fewest candidates, then most conflicts, then first seen. */
  undecided(): Package | undefined {
    let best: Standing | undefined
    for (const standing of this.#standings) {
      if (standing === undefined || standing.decided || (standing.allowed & ABSENT) !== 0n) continue
      standing.size ||= sizeOf(standing.allowed)
      if (best === undefined || comesFirst(standing, best)) best = standing
    }
    return best?.pkg
  }

  /** The release that `decide` would take. */
  candidate(pkg: Package): VersionSet {
    return firstOf(this.#standing(pkg).allowed)
  }

  decide(pkg: Package): void {
    this.#level += 1
    this.#assign(this.#standing(pkg), this.candidate(pkg), undefined)
  }

  decisions(): Term[] {
    return this.#standings.flatMap((standing) =>
      standing?.decided === true ? [{ pkg: standing.pkg, set: standing.allowed }] : [],
    )
  }

  #standing(pkg: Package): Standing {
    const known = this.#standings[pkg.index]
    if (known !== undefined) return known
    const fresh = { pkg, mentions: [], history: [], allowed: pkg.all, size: 0, decided: false, conflicts: 0 }
    this.#standings[pkg.index] = fresh
    return fresh
  }

  #assignment(position: number): Assignment {
    const assignment = this.#trail[position]
    assert(assignment !== undefined, 'a history points into the trail')
    return assignment
  }

  #assign(standing: Standing, added: VersionSet, cause: Incompatibility | undefined): void {
    narrow(standing, standing.allowed & added)
    standing.history.push(this.#trail.length)
    if (cause === undefined) standing.decided = true
    this.#trail.push({ pkg: standing.pkg, added, allowed: standing.allowed, level: this.#level, cause })
    this.#changed.add(standing)
  }

  /** Draws the conclusions that mention a package; returns an incompatibility that holds in full, if it meets one. */
  #propagate(changed: Standing): Incompatibility | undefined {
    this.#changed.delete(changed)
    this.#budget.steps -= changed.mentions.length
    for (let at = changed.mentions.length - 1; at >= 0; at -= 1) {
      const clause = changed.mentions[at]
      assert(clause !== undefined, 'mentions have no holes')
      const open = openTerm(clause)
      if (open === 'all hold') return clause.incompatibility
      if (open !== undefined) this.#assign(open.standing, open.standing.pkg.all & ~open.set, clause.incompatibility)
    }
    return undefined
  }

  /** Resolves a conflict with the causes of what made it, until it says what to do differently at an earlier level. */
  #learn(conflict: Incompatibility): void {
    for (const { pkg } of conflict.terms) this.#standing(pkg).conflicts += 1
    let learned = conflict
    while (learned.terms.length > 0) {
      const { last, otherLevel } = this.#satisfier(learned)
      if (last.cause === undefined || otherLevel < last.level) {
        this.#backjump(otherLevel)
        break
      }
      learned = resolvent(learned, last.cause, last.pkg)
      this.#budget.steps -= learned.terms.length
    }
    this.add(learned)
  }

  /** The assignment that completed an incompatibility, and the level at which all the rest of it held already. */
  #satisfier(incompatibility: Incompatibility): { last: Assignment; otherLevel: number } {
    const satisfiers = incompatibility.terms.map((term) => ({ term, at: this.#firstWithin(term.pkg, term.set) }))
    const { term, at } = satisfiers.reduce((a, b) => (b.at > a.at ? b : a))
    const last = this.#assignment(at)
    const others = satisfiers.filter((other) => other.at !== at).map((other) => other.at)
    if (!isSubset(last.added, term.set)) others.push(this.#firstWithin(term.pkg, term.set | ~last.added))
    return { last, otherLevel: Math.max(0, ...others.map((other) => this.#assignment(other).level)) }
  }

  /** The position of the first assignment that leaves a package within a set. */
  #firstWithin(pkg: Package, set: VersionSet): number {
    const at = this.#standing(pkg).history.find((position) => isSubset(this.#assignment(position).allowed, set))
    assert(at !== undefined, 'a satisfied term has a satisfier')
    return at
  }

  #backjump(level: number): void {
    for (let last = this.#trail.at(-1); last !== undefined && last.level > level; last = this.#trail.at(-1)) {
      const standing = this.#standing(last.pkg)
      standing.history.pop()
      const before = standing.history.at(-1)
      narrow(standing, before === undefined ? last.pkg.all : this.#assignment(before).allowed)
      if (last.cause === undefined) standing.decided = false
      this.#trail.pop()
    }
    this.#level = level
  }
}

/** The one term that is still open, if every other holds. */
function openTerm(clause: Clause): Place | 'all hold' | undefined {
  if (clause.blocker !== undefined && (clause.blocker.standing.allowed & clause.blocker.set) === 0n) return undefined
  let open: Place | undefined
  for (const term of clause.terms) {
    const { allowed } = term.standing
    const common = allowed & term.set
    if (common === allowed) continue
    if (common === 0n) {
      clause.blocker = term
      return undefined
    }
    if (open !== undefined) return undefined
    open = term
  }
  return open ?? 'all hold'
}

function narrow(standing: Standing, allowed: VersionSet): void {
  standing.allowed = allowed
  standing.size = 0
}

function comesFirst(a: Standing, b: Standing): boolean {
  if (a.size !== b.size) return a.size < b.size
  return a.conflicts === b.conflicts ? a.pkg.index < b.pkg.index : a.conflicts > b.conflicts
}
