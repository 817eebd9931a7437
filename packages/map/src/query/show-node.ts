import { TenonError } from '@tenon/contract'
import type { Issue, Link, Node, ScanResult } from '../graph-schema.ts'

export type ShownNode = { node: Node; linksOut: Link[]; linksIn: Link[]; issues: Issue[] }

/** A node with all that is said of it. Throws NODE_UNKNOWN. */
export function showNode({ nodes, links, issues }: ScanResult, path: string): ShownNode {
  const node = nodes.find((one) => one.path === path)
  if (node === undefined) throw unknownNode(path)
  return {
    node,
    linksOut: links.filter(({ source }) => source === path),
    linksIn: links.filter(({ target }) => target === path),
    issues: issues.filter(({ nodeIds }) => nodeIds.includes(path)),
  }
}

export const unknownNode = (path: string): TenonError =>
  new TenonError('NODE_UNKNOWN', `the map has no node "${path}"`, {
    hint: 'A node is named by its path, as "sm list" shows it.',
  })
