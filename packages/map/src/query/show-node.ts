import { TenonError } from '@tenon/contract'
import type { Issue, Link, Node, ScanResult } from '../graph-schema.ts'
import { readKept } from '../store/read-map.ts'
import { readIssuesOf, readLinksAt, readNode } from '../store/read-scan.ts'

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

/** As `showNode`, of the scan that the database at `path` holds, without reading the rest; undefined where none was kept. */
export const showKeptNode = (path: string, nodePath: string): ShownNode | undefined =>
  readKept(path, (reader) => {
    const node = readNode(reader, nodePath)
    if (node === undefined) throw unknownNode(nodePath)
    const links = (end: 'source' | 'target'): Link[] => readLinksAt(reader, end, nodePath)
    return { node, linksOut: links('source'), linksIn: links('target'), issues: readIssuesOf(reader, nodePath) }
  })

export const unknownNode = (path: string): TenonError =>
  new TenonError('NODE_UNKNOWN', `the map has no node "${path}"`, {
    hint: 'A node is named by its path, as "sm list" shows it.',
  })
