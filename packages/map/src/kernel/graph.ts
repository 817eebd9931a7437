import { assert, once } from '@tenon/contract'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { Finished } from './draft.ts'
import type { Gathered } from './gathering.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { linksOf, type Links, type Snapshot } from './snapshot.ts'

export type LinkedGraph = {
  /** How many nodes there are. */
  count: number
  /** Those of the nodes, in their order. */
  readonly paths: readonly string[]
  /** Whether nothing came or went, and each file was claimed by whom it was before. */
  isInPlace: boolean
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
type News = Pick<Gathered, 'drafts' | 'isSame' | 'isInPlace' | 'read' | 'relinked' | 'knowledge'>

/** Puts nodes in the order of their Providers, counts the links of each, and takes those that leave the graph out. */
export function connect(providers: readonly LoadedProvider[], before: Before | undefined, news: News): LinkedGraph {
  const { drafts, isInPlace, isSame, relinked, knowledge } = news
  const placed = isInPlace ? before?.nodes : undefined
  const paths = once(() => [...(placed?.keys() ?? byProvider(drafts, providers))])
  const isInOrder = before !== undefined && (isInPlace || sameItems([...before.nodes.keys()], paths()))
  const isLinkedAsBefore = isInOrder && isSame && relinked.size === 0
  return {
    ...{ count: drafts.size, isInPlace, isInOrder, isLinkedAsBefore },
    issues: knowledge.complaints.size === 0 ? [] : paths().flatMap((path) => knowledge.complaints.get(path) ?? []),
    get paths() {
      return paths()
    },
    ...(isLinkedAsBefore ? linkedAsBefore(before, news) : linkedAnew(paths(), before, news)),
  }
}

function byProvider(drafts: News['drafts'], providers: readonly LoadedProvider[]): string[] {
  const paths = Map.groupBy(drafts.keys(), (path) => draftAt(drafts, path).provider.key)
  return providers.flatMap(({ key }) => paths.get(key) ?? [])
}

function draftAt(drafts: News['drafts'], path: string): Finished {
  const draft = drafts.get(path)
  assert(draft !== undefined, `${path} is in the graph`)
  return draft
}

type Linked = Pick<LinkedGraph, 'links' | 'nodeAt'>

function linkedAsBefore({ nodes, links }: Before, { drafts, read }: News): Linked {
  const found = new Map<string, Node>()
  const readAt = (path: string): Node => {
    const was = nodes.get(path)
    const is = draftAt(drafts, path).node
    return asBefore(was === undefined ? is : counted(is, was), was)
  }
  const nodeAt = (path: string): Node => {
    if (!read.has(path)) return draftAt(drafts, path).node
    const known = found.get(path) ?? readAt(path)
    found.set(path, known)
    return known
  }
  return { links, nodeAt }
}

function linkedAnew(paths: readonly string[], before: Before | undefined, { drafts, read }: News): Linked {
  const ordered = paths.map((path) => draftAt(drafts, path))
  const links: Link[] = []
  const counts = new Map(paths.map((path) => [path, { ...NO_LINKS }]))
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
  const nodes = new Map(
    ordered.map(({ node, file: { path } }) => {
      const is = counted(node, counts.get(path) ?? NO_LINKS)
      return [path, read.has(path) ? asBefore(is, before?.nodes.get(path)) : is]
    }),
  )
  const nodeAt = (path: string): Node => {
    const node = nodes.get(path)
    assert(node !== undefined, `${path} is in the graph`)
    return node
  }
  return { links: linksOf(links), nodeAt }
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
