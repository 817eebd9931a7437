import { requirementKey } from './catalog.ts'
import type { Exclusion, Fact, Limit, Need, Term } from './incompatibility.ts'
import { compareParsed } from './version.ts'
import type { Package } from './package.ts'
import { ABSENT, EMPTY, only, type VersionSet } from './version-set.ts'

const LISTED_MAX = 6
const RUNS_MAX = 3
const NAME_CHARS = 160

/** A fact of the catalog or the request as a clause, such as "a 1.0.0 needs b ^2". */
export function factText(fact: Fact, rootName: string): string {
  const owner = 'owner' in fact && fact.owner !== undefined ? termText(fact.owner) : rootName
  switch (fact.kind) {
    case 'needs':
      return `${owner} needs ${wantedText(fact)}${lackText(fact)}`
    case 'ifPresent':
      return `${owner} goes only with ${wantedText(fact)}`
    case 'conflicts':
      return `${owner} conflicts with ${wantedText(fact)}`
    case 'invalidRange':
      return `${owner} names ${clipped(fact.id)} as "${clipped(fact.range)}" (that is no range)`
    case 'engine':
      return `${owner} needs ${clipped(`${fact.engine} ${fact.range}`)} (the runtime has ${haveText(fact)})`
    case 'yanked':
      return `${owner} is yanked`
    case 'pinned':
      return `${clipped(fact.owner.pkg.id)} is pinned to ${clipped(fact.version)} by the lock${goneText(fact)}`
    case 'kept':
      return `${termText(complement(fact.owner))} is chosen`
    default:
      return cycleText(fact.ring)
  }
}

/** What follows when these terms can never hold all at once; `end` when there are none, so that nothing can. */
export function conclusionText(terms: readonly Term[], end: string): string {
  const chosen = terms.filter(({ set }) => (set & ABSENT) === EMPTY)
  const needed = listed(
    terms.filter(({ set }) => (set & ABSENT) !== EMPTY).map((term) => termText(complement(term))),
    'or',
  )
  const names = listed(chosen.map(termText))
  const [first] = chosen
  if (first === undefined) return needed === '' ? end : `${needed} is needed`
  if (needed !== '') return `${names} ${chosen.length === 1 ? 'needs' : 'need'} ${needed}`
  if (chosen.length > 1) return `${names} exclude each other`
  return first.set === first.pkg.present ? `no ${clipped(first.pkg.id)} can be used` : `${names} cannot be used`
}

export function listed(parts: readonly string[], word: 'and' | 'or' = 'and'): string {
  const shown =
    parts.length > LISTED_MAX ? [...parts.slice(0, LISTED_MAX - 1), `${parts.length - LISTED_MAX + 1} more`] : parts
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} ${word} ${shown.at(-1)}`
}

const complement = ({ pkg, set }: Term): Term => ({ pkg, set: pkg.all & ~set })

const clipped = (text: string): string => (text.length > NAME_CHARS ? `${text.slice(0, NAME_CHARS - 1)}…` : text)

function wantedText({ wanted, target }: Need | Limit): string {
  return wanted === undefined ? termText(target) : clipped(`${requirementKey(wanted)} ${wanted.range}`)
}

/** Tells an unknown plugin from one that has no fitting version, and from one that somebody else publishes. */
function lackText({ wanted, target: { pkg, set } }: Need): string {
  if (pkg.releases.length === 0) return ` (there is no plugin "${clipped(pkg.id)}")`
  if (set !== 0n) return ''
  const by = wanted?.publisher === undefined ? '' : ` by ${clipped(wanted.publisher)}`
  return ` (no version${by} fits; there is only ${versionsText(pkg, pkg.present)})`
}

const haveText = ({ engine, have }: Exclusion & { kind: 'engine' }): string =>
  have === undefined ? `no ${clipped(engine)}` : clipped(have)

const goneText = ({ owner, version }: Exclusion & { kind: 'pinned' }): string =>
  owner.pkg.releases.some((release) => release.version === version) ? '' : ' (there is no such version)'

function cycleText(ring: readonly Term[]): string {
  const names = [...ring, ...ring.slice(0, 1)].map(({ pkg }) => clipped(pkg.id))
  return `${listed([...new Set(ring.map(termText))])} ${ring.length === 1 ? 'needs itself' : 'need each other'} (${names.join(' → ')})`
}

/** A package with some of its releases, as npm would write that range. */
function termText({ pkg, set }: Term): string {
  const versions = set === pkg.present && pkg.releases.length > 1 ? '' : ` ${versionsText(pkg, set)}`
  return versions === '' ? `every ${clipped(pkg.id)}` : `${clipped(pkg.id)}${versions}`
}

function versionsText(pkg: Package, set: VersionSet): string {
  const runs = runsOf(pkg, set)
  const shown = runs.slice(0, RUNS_MAX).map(([from, to]) => (from === to ? from : `${from} - ${to}`))
  return [...shown, ...(runs.length > RUNS_MAX ? ['…'] : [])].join(' || ')
}

/** The versions of a set in stretches that leave out no release between their ends. */
function runsOf(pkg: Package, set: VersionSet): [string, string][] {
  const ascending = pkg.releases
    .map(({ version, parsed }, index) => ({ version, parsed, holds: (set & only(index)) !== EMPTY }))
    .sort((a, b) => compareParsed(a.parsed, b.parsed))
  const runs: [string, string][] = []
  for (const [at, { version, holds }] of ascending.entries()) {
    const last = runs.at(-1)
    if (holds && last !== undefined && ascending[at - 1]?.holds === true) last[1] = version
    else if (holds) runs.push([version, version])
  }
  return runs
}
