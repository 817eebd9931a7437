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

/** What is said under one name, by the paths of the nodes: the last of each. */
export type Named = Map<string, Contribution>

/** Contributions by their names. */
export class Contributions {
  readonly #byName = new Map<string, Named>()

  /** Those of a list. A list is not to be changed any more, as what was made of it is remembered. */
  static of(list: readonly Contribution[]): Contributions {
    const known = ofLists.get(list)
    if (known !== undefined) return known
    const contributions = new Contributions()
    for (const one of list) contributions.named(one).set(one.nodePath, one)
    ofLists.set(list, contributions)
    return contributions
  }

  /** Those under one name, to be read and added to. */
  named(said: Said): Named {
    const name = nameOf(said)
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    const named: Named = new Map()
    this.#byName.set(name, named)
    return named
  }

  /** Takes all that others hold under a name, which nobody is to add to any more. */
  adopt(said: Said, named: Named): void {
    this.#byName.set(nameOf(said), named)
  }

  /** Each name's. */
  each(): Iterable<Named> {
    return this.#byName.values()
  }

  all(): Contribution[] {
    const list = [...this.#byName.values()].flatMap((named) => [...named.values()])
    ofLists.set(list, this)
    return list
  }

  saysTheSameAs(others: Contributions): boolean {
    return [this.pathsOtherIn(others), others.pathsOtherIn(this)].every((paths) => paths.next().done)
  }

  /** The paths of nodes of which others say something else, or nothing. What says the same is the same object. */
  *pathsOtherIn(others: Contributions): Generator<string, undefined> {
    for (const [name, named] of this.#byName) {
      const theirs = others.#byName.get(name)
      if (theirs !== named) for (const [path, one] of named) if (theirs?.get(path) !== one) yield path
    }
  }
}

const nameOf = ({ pluginId, extensionId, contributionId }: Said): string =>
  JSON.stringify([pluginId, extensionId, contributionId])

const ofLists = new WeakMap<readonly Contribution[], Contributions>()
