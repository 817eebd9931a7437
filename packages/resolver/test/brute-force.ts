import type { CatalogDocument, CatalogRelease } from '@tenon/contract'
import semver from 'semver'

export type Choice = Record<string, string>

/** Every valid choice of a small catalog without optional dependencies, found by trying all. */
export function allSolutions(document: CatalogDocument): Choice[] {
  let choices: Choice[] = [{}]
  for (const [id, releases] of Object.entries(document.packages))
    choices = choices.flatMap((choice) => [choice, ...Object.keys(releases).map((v) => ({ ...choice, [id]: v }))])
  return choices.filter((choice) => isSolution(document, choice))
}

export function isSolution(document: CatalogDocument, choice: Choice): boolean {
  const releaseOf = (id: string): CatalogRelease => document.packages[id]?.[choice[id] ?? ''] ?? {}
  const fits = ([id, range]: [string, string]): boolean => semver.satisfies(choice[id] ?? '', range)
  const locked = document.locked ?? {}
  const holds = (id: string): boolean => {
    const { deps = {}, ifPresent = {}, conflicts = {}, engines = {}, yanked = false } = releaseOf(id)
    return (
      Object.entries(deps).every(fits) &&
      Object.entries(ifPresent).every((entry) => choice[entry[0]] === undefined || fits(entry)) &&
      !Object.entries(conflicts).some(fits) &&
      [deps, ifPresent, conflicts].flatMap(Object.values<string>).every((range) => semver.validRange(range) !== null) &&
      (document.runtime === undefined ||
        Object.entries(engines).every(([name, range]) => runsOn(document.runtime?.[name] ?? '', range))) &&
      (!yanked || locked[id] === choice[id]) &&
      (document.lockMode !== 'pin' || locked[id] === undefined || locked[id] === choice[id])
    )
  }
  const next = (id: string): string[] => Object.keys(releaseOf(id).deps ?? {})
  const reached = closure(Object.keys(document.root.deps ?? {}), next)
  return (
    Object.entries(document.root.deps ?? {}).every(fits) &&
    Object.keys(choice).every((id) => reached.has(id) && holds(id) && !closure(next(id), next).has(id))
  )
}

export function closure(from: string[], next: (id: string) => string[]): Set<string> {
  const reached = new Set(from)
  for (const id of reached) for (const target of next(id)) reached.add(target)
  return reached
}

/** As npm has it, a runtime's prerelease counts as the version that it leads to. */
const runsOn = (version: string, range: string): boolean =>
  semver.satisfies(version, range, { includePrerelease: true })
