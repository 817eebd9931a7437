import Range from 'semver/classes/range.js'
import type SemVer from 'semver/classes/semver.js'
import parse from 'semver/functions/parse.js'
import validRange from 'semver/ranges/valid.js'

/** A full SemVer 2.0 version, written as such: no leading `v`, no missing part. */
export const isVersion = (text: string): boolean => parseVersion(text) !== undefined

/** A range of npm's grammar. */
export const isRange = (text: string): boolean => parseRange(text) !== undefined

/** npm's rule: a prerelease fits only where a comparator names a prerelease of the same major.minor.patch. */
export function satisfies(version: string, range: string): boolean {
  const parsed = parseVersion(version)
  return parsed !== undefined && parseRange(range)?.test(parsed) === true
}

/** SemVer precedence; build metadata only breaks the tie. Refuses, by sorting last, what is no version. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  if (left === undefined || right === undefined) return Number(left !== undefined) - Number(right !== undefined)
  return compareParsed(left, right)
}

/** Stable versions before prereleases, each newest first. */
export const newestFirst = (versions: readonly string[]): string[] =>
  versions
    .map((text) => ({ text, parsed: parseVersion(text) }))
    .sort((a, b) => {
      if (a.parsed === undefined || b.parsed === undefined) return compareVersions(b.text, a.text)
      return compareWanted(a.parsed, b.parsed)
    })
    .map(({ text }) => text)

export const compareParsed = (a: SemVer, b: SemVer): number => a.compare(b) || a.compareBuild(b)

export const compareWanted = (a: SemVer, b: SemVer): number =>
  Number(a.prerelease.length > 0) - Number(b.prerelease.length > 0) || compareParsed(b, a)

export function parseVersion(text: string): SemVer | undefined {
  const parsed = parse(text)
  return parsed !== null && written(parsed) === text ? parsed : undefined
}

const written = (version: SemVer): string =>
  version.build.length === 0 ? version.version : `${version.version}+${version.build.join('.')}`

export type RangeOptions = { includePrerelease?: boolean }

export const parseRange = (text: string, options: RangeOptions = {}): Range | undefined =>
  validRange(text, options) === null ? undefined : new Range(text, options)
