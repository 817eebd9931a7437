import { assert, once } from '@tenon/contract'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { Finished } from './draft.ts'
import type { Gathered } from './gathering.ts'
import { counted, isExternal, LinkTally } from './link-tally.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { linksOf, type Links, type Snapshot } from './snapshot.ts'

export type LinkedGraph = {
  /** How many nodes there are. */
  count: number
  /** Those of the nodes, in their order. */
  readonly paths: readonly string[]
  has(path: string): boolean
  /** Whether nothing came or went, and each file was claimed by whom it was before. */
  isInPlace: boolean
  /** Whether they are those of the graph before, in the same order. */
  isInOrder: boolean
  /** Whether the links are those of the graph before too, all of them. */
  isLinkedAsBefore: boolean
  /** The paths of the nodes that are new, or may not be what they were. */
  readonly renewed: readonly string[]
  /** The paths of the nodes that were in the graph before alone. */
  gone: readonly string[]
  links: Links
  /** Of a file that is as it was before, the same object. What nobody asked for is read now. */
  nodeAt(path: string): Node
  issues: Issue[]
}

type Before = Pick<Snapshot, 'nodes' | 'links' | 'knowledge'>
type News = Pick<Gathered, 'drafts' | 'isSame' | 'isInPlace' | 'read' | 'relinked' | 'knowledge'>

/** Puts nodes in the order of their Providers, counts the links of each, and takes those that leave the graph out. */
export function connect(providers: readonly LoadedProvider[], before: Before | undefined, news: News): LinkedGraph {
  const { drafts, isInPlace, isSame, read, relinked, knowledge } = news
  const placed = isInPlace ? before?.nodes : undefined
  const paths = once(() => [...(placed?.keys() ?? byProvider(drafts, providers))])
  const isInOrder = before !== undefined && (isInPlace || sameItems([...before.nodes.keys()], paths()))
  const gone = isInOrder ? [] : [...(before?.nodes.keys() ?? [])].filter((path) => !drafts.has(path))
  // What is found in files and in the graph may be another everywhere, unless all that decides it is the same.
  const base = isSame ? before : undefined
  const came = base === undefined || isInOrder ? [] : paths().filter((path) => !base.nodes.has(path))
  const tally = base === undefined ? wholeTally(paths(), drafts) : changedTally(base, news, { came, gone })
  const isLinkedAsBefore = base !== undefined && isInOrder && relinked.size === 0
  return {
    ...{ count: drafts.size, isInPlace, isInOrder, isLinkedAsBefore, gone },
    has: (path) => drafts.has(path),
    issues: knowledge.complaints.size === 0 ? [] : paths().flatMap((path) => knowledge.complaints.get(path) ?? []),
    get paths() {
      return paths()
    },
    get renewed() {
      if (base === undefined) return paths()
      return [...new Set([...read, ...[...tally.paths()].filter((path) => drafts.has(path))])]
    },
    links: isLinkedAsBefore ? base.links : linksOf(linksWithin(paths(), drafts)),
    nodeAt: nodesBy(tally, { before, base }, news),
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

function wholeTally(paths: readonly string[], drafts: News['drafts']): LinkTally {
  const tally = new LinkTally()
  for (const path of paths) tally.add(draftAt(drafts, path).links)
  return tally
}

/** By how much the counts of nodes change. Of a node that came, all links count, also those that were there before it. */
function changedTally(
  { knowledge }: Before,
  { drafts, relinked }: News,
  { came, gone }: { came: readonly string[]; gone: readonly string[] },
): LinkTally {
  const tally = new LinkTally()
  for (const path of [...relinked, ...gone]) tally.add(Object.values(knowledge.files.get(path)?.found ?? {}).flat(), -1)
  for (const path of came) tally.forget(path)
  for (const path of relinked) tally.add(draftAt(drafts, path).links)
  if (came.length === 0) return tally
  const arrived = new Set(came)
  for (const [path, { links }] of drafts) if (!relinked.has(path)) tally.add(links, 1, arrived)
  return tally
}

/** The nodes with their counts, which are those of the base and the tally, or the tally's alone. */
function nodesBy(
  tally: LinkTally,
  { before, base }: { before: Before | undefined; base: Before | undefined },
  { drafts, read }: News,
): LinkedGraph['nodeAt'] {
  const made = new Map<string, Node>()
  const makeAt = (path: string): Node => {
    const { node } = draftAt(drafts, path)
    const was = read.has(path) ? before?.nodes.get(path) : node
    const is = counted(node, tally.onTopOf(path, base && was))
    return read.has(path) ? asBefore(is, was) : is
  }
  return (path) => {
    if (base !== undefined && !read.has(path) && !tally.has(path)) return draftAt(drafts, path).node
    const node = made.get(path) ?? makeAt(path)
    made.set(path, node)
    return node
  }
}

/** By their texts, in which the order of keys counts. */
const asBefore = (node: Node, before: Node | undefined): Node =>
  before !== undefined && JSON.stringify(node) === JSON.stringify(before) ? before : node

function linksWithin(paths: readonly string[], drafts: News['drafts']): Link[] {
  const links: Link[] = []
  for (const path of paths) for (const link of draftAt(drafts, path).links) if (!isExternal(link)) links.push(link)
  return links
}

/** Whether two lists, which may be long, hold the same in the same order. */
function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false
  return true
}
