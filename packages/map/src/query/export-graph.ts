import type { Issue, Link, Node, ScanResult } from '../graph-schema.ts'
import { withLinkIndices } from '../link-indices.ts'
import { parseExportQuery, type ExportFilters } from './export-query.ts'
import { globMatcher } from './glob.ts'

export type GraphExport = {
  query: string
  filters: ExportFilters
  counts: { nodes: number; links: number; issues: number }
  nodes: Node[]
  links: Link[]
  issues: Issue[]
}

/**
 * The nodes that a query asks for, the links between them and the issues that name one of them, in the order of the
 * scan. Throws QUERY_INVALID.
 */
export function exportGraph(result: ScanResult, query: string): GraphExport {
  const filters = parseExportQuery(query)
  const nodes = result.nodes.filter(askedFor(filters, result.issues))
  const paths = new Set(nodes.map(({ path }) => path))
  const links = result.links.filter(({ source, target }) => paths.has(source) && paths.has(target))
  const places = new Map(links.map((link, place) => [link, place]))
  const issues = withLinkIndices(
    result.issues.filter(({ nodeIds }) => nodeIds.some((id) => paths.has(id))),
    (index) => places.get(result.links[index] as Link),
  )
  const counts = { nodes: nodes.length, links: links.length, issues: issues.length }
  return { query, filters, counts, nodes, links, issues }
}

function askedFor({ kinds, hasIssues, paths }: ExportFilters, issues: readonly Issue[]): (node: Node) => boolean {
  const named = new Set(issues.flatMap(({ nodeIds }) => nodeIds))
  const globs = paths?.map(globMatcher)
  return ({ kind, path }) =>
    (kinds === null || kinds.includes(kind)) &&
    (!hasIssues || named.has(path)) &&
    (globs === undefined || globs.some((matches) => matches(path)))
}
