import type { Issue, Link, Node } from '../graph-schema.ts'
import type { LoadedProvider } from './loaded-extension.ts'

/** A node with the links that were found in it, before they are counted. */
export type UnlinkedNode = {
  node: Node
  provider: LoadedProvider
  links: readonly Link[]
  issues: readonly Issue[]
}

export type LinkedGraph = { nodes: Node[]; links: Link[]; issues: Issue[] }

/** Puts nodes in the order of their Providers, counts the links of each, and takes those that leave the graph out. */
export function connect(unlinked: readonly UnlinkedNode[], providers: readonly LoadedProvider[]): LinkedGraph {
  const rank = new Map(providers.map((provider, index) => [provider, index]))
  const rankOf = ({ provider }: UnlinkedNode): number => rank.get(provider) ?? providers.length
  const ordered = unlinked.toSorted((a, b) => rankOf(a) - rankOf(b))
  const found = ordered.flatMap(({ links }) => links)
  const links = found.filter(({ target }) => !isExternal(target))
  const outgoing = countBy(links, ({ source }) => source)
  const incoming = countBy(links, ({ target }) => target)
  const external = countBy(
    found.filter(({ target }) => isExternal(target)),
    ({ source }) => source,
  )
  const nodes = ordered.map(({ node }) =>
    counted(node, {
      linksOutCount: outgoing.get(node.path) ?? 0,
      linksInCount: incoming.get(node.path) ?? 0,
      externalRefsCount: external.get(node.path) ?? 0,
    }),
  )
  return { nodes, links, issues: ordered.flatMap(({ issues }) => issues) }
}

export type LinkCounts = Pick<Node, 'linksOutCount' | 'linksInCount' | 'externalRefsCount'>

export const countsEqual = (a: LinkCounts, b: LinkCounts): boolean =>
  a.linksOutCount === b.linksOutCount &&
  a.linksInCount === b.linksInCount &&
  a.externalRefsCount === b.externalRefsCount

/** A node of which nothing changed stays the same object. */
const counted = (node: Node, counts: LinkCounts): Node => (countsEqual(node, counts) ? node : { ...node, ...counts })

/** A scheme of two or more characters; one character would be a drive letter. */
const isExternal = (target: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(target)

function countBy(links: readonly Link[], key: (link: Link) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const link of links) counts.set(key(link), (counts.get(key(link)) ?? 0) + 1)
  return counts
}
