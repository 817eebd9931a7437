import { assert, TenonError } from '@tenon/contract'
import type SemVer from 'semver/classes/semver.js'
import type { Catalog, Release, Requirement } from './catalog.ts'
import { compareWanted, parseRange, parseVersion } from './version.ts'
import { ABSENT, everything, indexOf, only, unite, type VersionSet } from './version-set.ts'

export type ParsedRelease = Release & { readonly parsed: SemVer }

/** A plugin id with its releases, the most wanted first: the locked one, then stable ones, then prereleases. */
export type Package = {
  readonly id: string
  /** Its place in the order in which packages came into sight. */
  readonly index: number
  readonly releases: readonly ParsedRelease[]
  /** Every state, "absent" among them. */
  readonly all: VersionSet
  readonly present: VersionSet
  /** The releases that fit a requirement, or undefined when its range is none. */
  fitting(requirement: Requirement): VersionSet | undefined
}

export type PackageTable = { load(id: string): Promise<Package> }

export function packageTable(catalog: Catalog, locked: ReadonlyMap<string, string>): PackageTable {
  const loading = new Map<string, Promise<Package>>()
  const fetched = async (id: string, index: number): Promise<Package> =>
    packageOf(id, index, await catalog.releases(id), locked.get(id))
  return {
    load(id) {
      const known = loading.get(id) ?? fetched(id, loading.size)
      loading.set(id, known)
      return known
    },
  }
}

/** The one release in a set. */
export function releaseIn(pkg: Package, single: VersionSet): ParsedRelease {
  const release = pkg.releases[indexOf(single)]
  assert(release !== undefined, `a decision on ${pkg.id} takes one of its releases`)
  return release
}

/** The set of the releases for which something holds. */
export const releasesWhere = (pkg: Package, holds: (release: ParsedRelease) => boolean): VersionSet =>
  setWhere(pkg.releases, holds)

const setWhere = (releases: readonly ParsedRelease[], holds: (release: ParsedRelease) => boolean): VersionSet =>
  unite(releases.map((release, index) => (holds(release) ? only(index) : 0n)))

function packageOf(id: string, index: number, found: readonly Release[], locked: string | undefined): Package {
  const distance = (release: Release): number => Number(release.version !== locked)
  const releases = found
    .map((release) => ({ ...release, parsed: parsedVersion(id, release.version) }))
    .sort((a, b) => distance(a) - distance(b) || compareWanted(a.parsed, b.parsed))
  const all = everything(releases.length)
  return { id, index, releases, all, present: all & ~ABSENT, fitting: fittingAmong(releases) }
}

function parsedVersion(id: string, version: string): SemVer {
  const parsed = parseVersion(version)
  if (parsed !== undefined) return parsed
  throw new TenonError('REFERENCE_INVALID', `"${version}" is no version of "${id}"`, {
    hint: 'Write major.minor.patch, as SemVer 2.0 has it.',
  })
}

function fittingAmong(releases: readonly ParsedRelease[]): Package['fitting'] {
  const known = new Map<string, VersionSet | undefined>()
  return ({ range, publisher }) => {
    const key = `${publisher ?? ''} ${range}`
    if (!known.has(key)) {
      const by = (release: Release): boolean => publisher === undefined || release.publisher === publisher
      const parsed = parseRange(range)
      known.set(key, parsed && setWhere(releases, (release) => by(release) && parsed.test(release.parsed)))
    }
    return known.get(key)
  }
}
