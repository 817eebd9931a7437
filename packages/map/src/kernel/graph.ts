import type { Issue, Link, Node } from '../graph-schema.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { sameItems } from './same-items.ts'

/** A node with the links that were found in it, before they are counted. */
export type UnlinkedNode = {
  node: Node
  provider: LoadedProvider
  links: readonly Link[]
  issues: readonly Issue[]
}

export type LinkedGraph = {
  nodes: Node[]
  links: Link[]
  issues: Issue[]
  /** What the links depended on, and what they come to for each node. */
  linkedFrom: readonly unknown[]
  counts: ReadonlyMap<string, LinkCounts>
}

/**
 * Puts nodes in the order of their Providers, counts the links of each, and takes those that leave the graph out. Where
 * these are as they were before, the links are the same object.
 */
export function connect(
  unlinked: readonly UnlinkedNode[],
  providers: readonly LoadedProvider[],
  before: LinkedGraph | undefined,
): LinkedGraph {
  const byProvider = Map.groupBy(unlinked, ({ provider }) => provider.key)
  const ordered = providers.flatMap(({ key }) => byProvider.get(key) ?? [])
  const linkedFrom = ordered.flatMap(({ node, links }) => [node.path, links])
  const isAsBefore = before !== undefined && sameItems(before.linkedFrom, linkedFrom)
  const { links, counts } = isAsBefore ? before : linked(ordered)
  return {
    ...{ links, counts, linkedFrom: isAsBefore ? before.linkedFrom : linkedFrom },
    nodes: ordered.map(({ node }) => counted(node, counts.get(node.path) ?? NO_LINKS)),
    issues: ordered.flatMap(({ issues }) => issues),
  }
}

function linked(ordered: readonly UnlinkedNode[]): Pick<LinkedGraph, 'links' | 'counts'> {
  const links: Link[] = []
  const counts = new Map(ordered.map(({ node }) => [node.path, { ...NO_LINKS }]))
  for (const link of ordered.flatMap((node) => node.links)) {
    const [source, target] = [counts.get(link.source), counts.get(link.target)]
    if (isExternal(link.target)) {
      if (source) source.externalRefsCount += 1
      continue
    }
    links.push(link)
    if (source) source.linksOutCount += 1
    if (target) target.linksInCount += 1
  }
  return { links, counts }
}

export type LinkCounts = Pick<Node, 'linksOutCount' | 'linksInCount' | 'externalRefsCount'>

export const countsEqual = (a: LinkCounts, b: LinkCounts): boolean =>
  a.linksOutCount === b.linksOutCount &&
  a.linksInCount === b.linksInCount &&
  a.externalRefsCount === b.externalRefsCount

/** A node of which nothing changed stays the same object. */
const counted = (node: Node, counts: LinkCounts): Node => (countsEqual(node, counts) ? node : { ...node, ...counts })

/** A scheme of two or more characters; one character would be a drive letter. */
const isExternal = (target: string): boolean => target.includes(':') && /^[a-z][a-z0-9+.-]+:/i.test(target)

const NO_LINKS: LinkCounts = { linksOutCount: 0, linksInCount: 0, externalRefsCount: 0 }
