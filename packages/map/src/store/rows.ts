import type { RowOf } from '@tenon/database'
import type { Issue, Link, Node, ScanResult } from '../graph-schema.ts'
import type { ExtractorRuns } from '../kernel/collector.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { CONTRIBUTION, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'

const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value))
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null)

export function nodeColumns(node: Node, scannedAt: number): RowOf<typeof NODE> {
  const { frontmatter = {}, tokens, sidecar } = node
  const annotations = sidecar?.annotations ?? {}
  return {
    path: node.path,
    kind: node.kind,
    provider: node.provider,
    title: textOf(frontmatter['name']),
    description: textOf(frontmatter['description']),
    stability: textOf(annotations['stability']),
    version: numberOf(annotations['version']),
    frontmatter_json: JSON.stringify(frontmatter),
    body_hash: node.bodyHash,
    frontmatter_hash: node.frontmatterHash,
    bytes_frontmatter: node.bytes.frontmatter,
    bytes_body: node.bytes.body,
    bytes_total: node.bytes.total,
    tokens_frontmatter: tokens?.frontmatter ?? null,
    tokens_body: tokens?.body ?? null,
    tokens_total: tokens?.total ?? null,
    links_out_count: node.linksOutCount,
    links_in_count: node.linksInCount,
    external_refs_count: node.externalRefsCount,
    scanned_at: scannedAt,
    sidecar_present: sidecar?.present === true ? 1 : 0,
    sidecar_status: sidecar?.status ?? null,
    annotations_json: json(sidecar?.annotations),
    sidecar_root_json: json(sidecar?.root),
  }
}

export const linkColumns = (link: Link): RowOf<typeof LINK> => ({
  source_path: link.source,
  target_path: link.target,
  kind: link.kind,
  confidence: link.confidence,
  sources_json: JSON.stringify(link.sources),
  original_trigger: link.trigger?.originalTrigger ?? null,
  normalized_trigger: link.trigger?.normalizedTrigger ?? null,
  location_line: link.location?.line ?? null,
  location_column: link.location?.column ?? null,
  location_offset: link.location?.offset ?? null,
  raw: link.raw ?? null,
})

export const issueColumns = (issue: Issue): RowOf<typeof ISSUE> => ({
  rule_id: issue.ruleId,
  severity: issue.severity,
  node_ids_json: JSON.stringify(issue.nodeIds),
  link_indices_json: json(issue.linkIndices),
  message: issue.message,
  detail: issue.detail ?? null,
  fix_json: json(issue.fix),
  data_json: json(issue.data),
})

export const metaColumns = ({
  scope,
  roots,
  scannedAt,
  scannedBy,
  providers = [],
  stats,
}: ScanResult): RowOf<typeof META> => ({
  id: 1,
  scope,
  roots_json: JSON.stringify(roots),
  scanned_at: scannedAt,
  scanned_by_name: scannedBy?.name ?? '',
  scanned_by_version: scannedBy?.version ?? '',
  scanned_by_spec_version: scannedBy?.specVersion ?? '',
  providers_json: JSON.stringify(providers),
  stats_files_walked: stats.filesWalked,
  stats_files_skipped: stats.filesSkipped,
  stats_duration_ms: stats.durationMs,
})

export const runRows = (path: string, { node, lookedAtBy }: ExtractorRuns, scannedAt: number): RowOf<typeof RUN>[] =>
  [...lookedAtBy].map((id) => ({
    node_path: path,
    extractor_id: id,
    body_hash_at_run: node.bodyHash,
    ran_at: scannedAt,
  }))

export const contributionColumns = (contribution: Contribution, scannedAt: number): RowOf<typeof CONTRIBUTION> => ({
  plugin_id: contribution.pluginId,
  extension_id: contribution.extensionId,
  node_path: contribution.nodePath,
  contribution_id: contribution.contributionId,
  contract: contribution.contract,
  payload_json: JSON.stringify(contribution.payload),
  emitted_at: scannedAt,
})

/** The tags that the author wrote into the file and those that a user put beside it. */
export const tagRows = ({ path, frontmatter, sidecar }: Node): RowOf<typeof TAG>[] => [
  ...tagsOf(frontmatter?.['tags']).map((tag) => ({ node_path: path, tag, source: 'author' })),
  ...tagsOf(sidecar?.annotations?.['tags']).map((tag) => ({ node_path: path, tag, source: 'user' })),
]

/** Two texts that no UTF-8 can hold are the same row. */
const tagsOf = (value: unknown): string[] => {
  const tags = Array.isArray(value) ? value.filter((tag) => typeof tag === 'string' && tag !== '') : []
  return [...new Set(tags.map((tag: string) => tag.toWellFormed()))]
}
