import type { Link, Node } from '../graph-schema.ts'

type LinkCounts = Pick<Node, 'linksOutCount' | 'linksInCount' | 'externalRefsCount'>

/** A scheme of two or more characters; one character would be a drive letter. */
export const isExternal = ({ target }: Link): boolean => target.includes(':') && /^[a-z][a-z0-9+.-]+:/i.test(target)

/** Links counted by the paths that they leave and lead to, or by how much those counts have changed. */
export class LinkTally {
  readonly #counts = new Map<string, LinkCounts>()

  /** Counts links in or, by -1, out. With `only`, no other paths are counted for. */
  add(links: readonly Link[], by: 1 | -1 = 1, only?: ReadonlySet<string>): void {
    for (const link of links) {
      const { source, target } = link
      const isOut = only === undefined || only.has(source)
      const isIn = only === undefined || only.has(target)
      if (!isOut && !isIn) continue
      if (isExternal(link)) {
        if (isOut) this.#at(source).externalRefsCount += by
        continue
      }
      if (isOut) this.#at(source).linksOutCount += by
      if (isIn) this.#at(target).linksInCount += by
    }
  }

  /** What a path that had so many has with those that were counted. */
  onTopOf(path: string, had: LinkCounts = NO_LINKS): LinkCounts {
    const more = this.#counts.get(path)
    if (more === undefined) return had
    return {
      linksOutCount: had.linksOutCount + more.linksOutCount,
      linksInCount: had.linksInCount + more.linksInCount,
      externalRefsCount: had.externalRefsCount + more.externalRefsCount,
    }
  }

  forget(path: string): void {
    this.#counts.delete(path)
  }

  has(path: string): boolean {
    return this.#counts.has(path)
  }

  paths(): Iterable<string> {
    return this.#counts.keys()
  }

  #at(path: string): LinkCounts {
    const known = this.#counts.get(path)
    if (known !== undefined) return known
    const counts = { ...NO_LINKS }
    this.#counts.set(path, counts)
    return counts
  }
}

const NO_LINKS: LinkCounts = { linksOutCount: 0, linksInCount: 0, externalRefsCount: 0 }

const isSameCount = (a: LinkCounts, b: LinkCounts): boolean =>
  a.linksOutCount === b.linksOutCount &&
  a.linksInCount === b.linksInCount &&
  a.externalRefsCount === b.externalRefsCount

/** A node of which nothing changed stays the same object. */
export const counted = (node: Node, { linksOutCount, linksInCount, externalRefsCount }: LinkCounts): Node => {
  const counts = { linksOutCount, linksInCount, externalRefsCount }
  return isSameCount(node, counts) ? node : { ...node, ...counts }
}
