import { parseReference, type PluginSpec } from '@tenon/contract'

/** That a plugin is wanted in a version of a range; `publisher` is set when only this publisher's will do. */
export type Requirement = { id: string; range: string; publisher?: string }

/** What the resolver has to know of one published version. */
export type Release = {
  version: string
  publisher?: string
  deps: readonly Requirement[]
  optionalDeps: readonly Requirement[]
  ifPresent: readonly Requirement[]
  conflicts: readonly Requirement[]
  engines: Readonly<Record<string, string>>
  yanked: boolean
}

export type Catalog = {
  /** Every release of a plugin, in any order; none when there is no such plugin. */
  releases(id: string): Promise<readonly Release[]>
}

/** Reads ranges as a spec or `tenon.json` holds them: a key is an id or `publisher/id`. */
export const requirementsOf = (ranges: Readonly<Record<string, string>> = {}): Requirement[] =>
  Object.entries(ranges).map(([key, range]) => {
    const { id, publisher } = parseReference(key)
    return publisher === undefined ? { id, range } : { id, range, publisher }
  })

/** The key under which `requirementsOf` reads a requirement. */
export const requirementKey = ({ id, publisher }: Requirement): string =>
  publisher === undefined ? id : `${publisher}/${id}`

/** Requirements in an order of their own, so that nothing depends on how somebody wrote them down. */
export const inOrder = (requirements: readonly Requirement[]): Requirement[] =>
  requirements.toSorted((a, b) => (orderKey(a) < orderKey(b) ? -1 : 1))

export const releaseInOrder = (release: Release): Release => ({
  ...release,
  deps: inOrder(release.deps),
  optionalDeps: inOrder(release.optionalDeps),
  ifPresent: inOrder(release.ifPresent),
  conflicts: inOrder(release.conflicts),
  engines: Object.fromEntries(Object.entries(release.engines).sort()),
})

const orderKey = ({ id, publisher, range }: Requirement): string => `${id} ${publisher ?? ''} ${range}`

type Dependent = Pick<
  PluginSpec,
  'version' | 'publisher' | 'dependencies' | 'optionalDependencies' | 'ifPresent' | 'conflicts' | 'engines'
>

/** A spec as a release of its plugin. */
export const releaseOf = (spec: Dependent, yanked: boolean): Release => ({
  version: spec.version,
  ...(spec.publisher === undefined ? {} : { publisher: spec.publisher }),
  deps: requirementsOf(spec.dependencies),
  optionalDeps: requirementsOf(spec.optionalDependencies),
  ifPresent: requirementsOf(spec.ifPresent),
  conflicts: requirementsOf(spec.conflicts),
  engines: spec.engines ?? {},
  yanked,
})
