/** What an extension says about a node, for a user interface to show. */
export type Contribution = {
  pluginId: string
  extensionId: string
  nodePath: string
  contributionId: string
  contract: string
  payload: unknown
}

/** Who says something, and under which name. */
export type Said = Pick<Contribution, 'pluginId' | 'extensionId' | 'contributionId'>

/** What is said of nodes, by their paths. */
export type ContributionsByPath = ReadonlyMap<string, readonly Contribution[]>

/** What is said under one name, by the paths of the nodes: the last of each. */
export type Named = Map<string, Contribution>

/** Contributions as they come, by their names. */
export class Contributions {
  readonly #byName = new Map<string, Named>()

  /** Those under one name, to be read and added to. */
  named({ pluginId, extensionId, contributionId }: Said): Named {
    const name = JSON.stringify([pluginId, extensionId, contributionId])
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const named: Named = new Map()
    this.#byName.set(name, named)
    return named
  }

  byPath(): ContributionsByPath {
    const byPath = new Map<string, Contribution[]>()
    for (const named of this.#byName.values())
      for (const [path, one] of named) {
        const others = byPath.get(path)
        if (others === undefined) byPath.set(path, [one])
        else others.push(one)
      }
    return byPath
  }
}

/** What is said of a node under a name. */
export const saidOf = (
  contributions: ContributionsByPath,
  path: string,
  { pluginId, extensionId, contributionId }: Said,
): Contribution | undefined =>
  contributions
    .get(path)
    ?.find(
      (one) => one.contributionId === contributionId && one.extensionId === extensionId && one.pluginId === pluginId,
    )
