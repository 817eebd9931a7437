import { assert } from '@tenon/contract'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { Finished } from './draft.ts'
import type { Gathered } from './gather.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { linksOf, type Links, type Snapshot } from './snapshot.ts'

/** A node with the links that were found in it, before they are counted. */
type UnlinkedNode = Pick<Finished, 'node' | 'provider' | 'links' | 'issues'> & { file: { path: string } }

export type LinkedGraph = {
  /** Those of the nodes, in their order. */
  paths: readonly string[]
  /** Whether they are those of the graph before, in the same order. */
  isInOrder: boolean
  /** Whether the links are those of the graph before too, all of them. */
  isLinkedAsBefore: boolean
  links: Links
  /** Of a file that is as it was before, the same object. What nobody asked for is read now. */
  nodeAt(path: string): Node
  issues: Issue[]
}

type Before = Pick<Snapshot, 'nodes' | 'links'>
type News = Pick<Gathered, 'isSame' | 'read' | 'relinked'>

/** Puts nodes in the order of their Providers, counts the links of each, and takes those that leave the graph out. */
export function connect(
  unlinked: readonly UnlinkedNode[],
  providers: readonly LoadedProvider[],
  before: Before | undefined,
  news: News,
): LinkedGraph {
  const byProvider = Map.groupBy(unlinked, ({ provider }) => provider.key)
  const ordered = providers.flatMap(({ key }) => byProvider.get(key) ?? [])
  const paths = ordered.map(({ file }) => file.path)
  const isInOrder = before !== undefined && sameItems([...before.nodes.keys()], paths)
  const isLinkedAsBefore = isInOrder && news.isSame && news.relinked.size === 0
  const linked = isLinkedAsBefore ? linkedAsBefore(ordered, before, news) : linkedAnew(ordered, before, news)
  return { paths, isInOrder, isLinkedAsBefore, issues: ordered.flatMap(({ issues }) => issues), ...linked }
}

type Linked = Pick<LinkedGraph, 'links' | 'nodeAt'>

function linkedAsBefore(ordered: readonly UnlinkedNode[], { nodes, links }: Before, { read }: News): Linked {
  const byPath = new Map(ordered.map((one) => [one.file.path, one]))
  const found = new Map<string, Node>()
  const readAt = (path: string): Node => {
    const was = nodes.get(path)
    const is = nodeIn(byPath, path)
    return asBefore(was === undefined ? is : counted(is, was), was)
  }
  const nodeAt = (path: string): Node => {
    if (!read.has(path)) return nodeIn(byPath, path)
    const known = found.get(path) ?? readAt(path)
    found.set(path, known)
    return known
  }
  return { links, nodeAt }
}

const nodeIn = (byPath: ReadonlyMap<string, { node: Node }>, path: string): Node => {
  const one = byPath.get(path)
  assert(one !== undefined, `${path} is in the graph`)
  return one.node
}

function linkedAnew(ordered: readonly UnlinkedNode[], before: Before | undefined, { read }: News): Linked {
  const links: Link[] = []
  const counts = new Map(ordered.map(({ file }) => [file.path, { ...NO_LINKS }]))
  for (const link of ordered.flatMap((one) => one.links)) {
    const [source, target] = [counts.get(link.source), counts.get(link.target)]
    if (isExternal(link.target)) {
      if (source) source.externalRefsCount += 1
      continue
    }
    links.push(link)
    if (source) source.linksOutCount += 1
    if (target) target.linksInCount += 1
  }
  const byPath = new Map(
    ordered.map(({ node, file: { path } }) => {
      const is = counted(node, counts.get(path) ?? NO_LINKS)
      return [path, { node: read.has(path) ? asBefore(is, before?.nodes.get(path)) : is }]
    }),
  )
  return { links: linksOf(links), nodeAt: (path) => nodeIn(byPath, path) }
}

type LinkCounts = Pick<Node, 'linksOutCount' | 'linksInCount' | 'externalRefsCount'>

const countsEqual = (a: LinkCounts, b: LinkCounts): boolean =>
  a.linksOutCount === b.linksOutCount &&
  a.linksInCount === b.linksInCount &&
  a.externalRefsCount === b.externalRefsCount

/** A node of which nothing changed stays the same object. */
const counted = (node: Node, { linksOutCount, linksInCount, externalRefsCount }: LinkCounts): Node => {
  const counts = { linksOutCount, linksInCount, externalRefsCount }
  return countsEqual(node, counts) ? node : { ...node, ...counts }
}

/** By their texts, in which the order of keys counts. */
const asBefore = (node: Node, before: Node | undefined): Node =>
  before !== undefined && JSON.stringify(node) === JSON.stringify(before) ? before : node

/** Whether two lists, which may be long, hold the same in the same order. */
function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false
  return true
}

/** A scheme of two or more characters; one character would be a drive letter. */
const isExternal = (target: string): boolean => target.includes(':') && /^[a-z][a-z0-9+.-]+:/i.test(target)

const NO_LINKS: LinkCounts = { linksOutCount: 0, linksInCount: 0, externalRefsCount: 0 }
