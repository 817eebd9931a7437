import { TenonError } from '@tenon/contract'
import type { Node, ScanResult } from '../graph-schema.ts'
import { tagRows } from '../store/rows.ts'

export const SORT_KEYS = [
  'path',
  'kind',
  'bytes_total',
  'links_out_count',
  'links_in_count',
  'external_refs_count',
] as const

/** Who put a tag on a node: the author of its file, or whoever wrote its sidecar. */
export const TAG_SOURCES = ['author', 'user'] as const

export type TagSource = (typeof TAG_SOURCES)[number]
export type SortKey = (typeof SORT_KEYS)[number]

export type NodeFilter = {
  kinds?: readonly string[]
  /** Only nodes that an issue names. */
  withIssues?: boolean
  tag?: string
  /** Whose tag it has to be; without it either's. */
  tagSource?: TagSource
  /** By default `path`. Counts go down, all else goes up. */
  sortBy?: SortKey
  limit?: number
}

/** The nodes of a scan that are asked for. Throws USAGE where a source of tags is named and no tag. */
export function listNodes({ nodes, issues }: Pick<ScanResult, 'nodes' | 'issues'>, filter: NodeFilter): Node[] {
  const { kinds, withIssues = false, tag, tagSource, sortBy = 'path', limit = nodes.length } = filter
  if (tagSource !== undefined && tag === undefined)
    throw new TenonError('USAGE', 'a source of tags is named, but no tag', { hint: 'Name the tag with --tag.' })
  const named = new Set(issues.flatMap(({ nodeIds }) => nodeIds))
  return nodes
    .filter(
      (node) =>
        (kinds === undefined || kinds.includes(node.kind)) &&
        (!withIssues || named.has(node.path)) &&
        (tag === undefined || hasTag(node, tag, tagSource)),
    )
    .sort((a, b) => ORDERS[sortBy](a, b) || byText(a.path, b.path))
    .slice(0, limit)
}

const hasTag = (node: Node, tag: string, source: TagSource | undefined): boolean =>
  tagRows(node).some((row) => row['tag'] === tag && (source === undefined || row['source'] === source))

const byText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

const byCount =
  (count: (node: Node) => number) =>
  (a: Node, b: Node): number =>
    count(b) - count(a)

const ORDERS: Record<SortKey, (a: Node, b: Node) => number> = {
  path: (a, b) => byText(a.path, b.path),
  kind: (a, b) => byText(a.kind, b.kind),
  bytes_total: byCount(({ bytes }) => bytes.total),
  links_out_count: byCount(({ linksOutCount }) => linksOutCount),
  links_in_count: byCount(({ linksInCount }) => linksInCount),
  external_refs_count: byCount(({ externalRefsCount }) => externalRefsCount),
}
