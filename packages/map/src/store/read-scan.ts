import { jsonValue, type JsonObject } from '@tenon/contract'
import type { DatabaseReader, RowOf } from '@tenon/database'
import type { Issue, Link, Node, ScanResult, SidecarState } from '../graph-schema.ts'
import { issueForm } from '../issue-form.ts'
import type { Contribution } from '../kernel/contributions.ts'
import { linkForm } from '../link-form.ts'
import { CONTRIBUTION, ISSUE, LINK, META, NODE } from './columns.ts'

/** The held scan as the scan gave it, key for key. */
export function readResult(database: DatabaseReader): ScanResult | undefined {
  const meta = database.get(META, 'SELECT * FROM scan_meta')
  if (meta === undefined) return undefined
  const nodes = readNodes(database)
  const links = readLinks(database)
  const issues = readIssues(database)
  return {
    schemaVersion: 1,
    scannedAt: meta.scanned_at,
    scannedBy: {
      name: meta.scanned_by_name,
      version: meta.scanned_by_version,
      specVersion: meta.scanned_by_spec_version,
    },
    scope: meta.scope as ScanResult['scope'],
    roots: parsed(meta.roots_json) as string[],
    providers: parsed(meta.providers_json) as string[],
    nodes,
    links,
    issues,
    stats: {
      filesWalked: meta.stats_files_walked,
      filesSkipped: meta.stats_files_skipped,
      nodesCount: nodes.length,
      linksCount: links.length,
      issuesCount: issues.length,
      durationMs: meta.stats_duration_ms,
    },
  }
}

/** Which folders were scanned, and how many files were in them. */
export function readExtent(database: DatabaseReader): { roots: string[]; filesWalked: number } {
  const columns = { roots_json: 'text', stats_files_walked: 'number' } as const
  const meta = database.get(columns, 'SELECT roots_json, stats_files_walked FROM scan_meta')
  if (meta === undefined) return { roots: [], filesWalked: 0 }
  return { roots: parsed(meta.roots_json) as string[], filesWalked: meta.stats_files_walked }
}

export const readIssues = (database: DatabaseReader): Issue[] =>
  database.all(ISSUE, 'SELECT * FROM scan_issues ORDER BY id').map(issueOf)

export const readNodes = (database: DatabaseReader): Node[] =>
  database.all(NODE, 'SELECT * FROM scan_nodes ORDER BY rowid').map(nodeOf)

export const readLinks = (database: DatabaseReader): Link[] =>
  database.all(LINK, 'SELECT * FROM scan_links ORDER BY id').map(linkOf)

export function readNode(database: DatabaseReader, path: string): Node | undefined {
  const row = database.get(NODE, 'SELECT * FROM scan_nodes WHERE path = ?', path)
  return row && nodeOf(row)
}

/** The links that begin or end at a path. */
export const readLinksAt = (database: DatabaseReader, end: 'source' | 'target', path: string): Link[] =>
  database.all(LINK, `SELECT * FROM scan_links WHERE ${end}_path = ? ORDER BY id`, path).map(linkOf)

/** The issues that name a node. */
export function readIssuesOf(database: DatabaseReader, path: string): Issue[] {
  const names = 'SELECT 1 FROM json_each(node_ids_json) WHERE value = ?'
  return database.all(ISSUE, `SELECT * FROM scan_issues WHERE EXISTS (${names}) ORDER BY id`, path).map(issueOf)
}

// The store wrote these texts itself, from values of the type that is read.
const parsed = (text: string | null): unknown => (text === null ? null : jsonValue(text))

function nodeOf(row: RowOf<typeof NODE>): Node {
  const { tokens_frontmatter: frontmatter, tokens_body: body, tokens_total: total } = row
  return {
    path: row.path,
    kind: row.kind,
    provider: row.provider,
    bodyHash: row.body_hash,
    frontmatterHash: row.frontmatter_hash,
    bytes: { frontmatter: row.bytes_frontmatter, body: row.bytes_body, total: row.bytes_total },
    ...(frontmatter === null || body === null || total === null ? {} : { tokens: { frontmatter, body, total } }),
    linksOutCount: row.links_out_count,
    linksInCount: row.links_in_count,
    externalRefsCount: row.external_refs_count,
    frontmatter: parsed(row.frontmatter_json) as JsonObject,
    sidecar: sidecarOf(row),
  }
}

function sidecarOf(row: RowOf<typeof NODE>): SidecarState {
  if (row.sidecar_present === 0) return { present: false }
  return {
    present: true,
    status: row.sidecar_status as NonNullable<SidecarState['status']> | null,
    annotations: parsed(row.annotations_json) as JsonObject | null,
    root: parsed(row.sidecar_root_json) as JsonObject | null,
  }
}

function linkOf(row: RowOf<typeof LINK>): Link {
  const { original_trigger: originalTrigger, normalized_trigger: normalizedTrigger } = row
  const { location_line: line, location_column: column, location_offset: offset } = row
  const place = { ...(column === null ? {} : { column }), ...(offset === null ? {} : { offset }) }
  return linkForm({
    source: row.source_path,
    target: row.target_path,
    kind: row.kind as Link['kind'],
    confidence: row.confidence as Link['confidence'],
    sources: parsed(row.sources_json) as string[],
    trigger: originalTrigger === null || normalizedTrigger === null ? null : { originalTrigger, normalizedTrigger },
    location: line === null ? null : { line, ...place },
    raw: row.raw,
  })
}

function issueOf(row: RowOf<typeof ISSUE>): Issue {
  const linkIndices = parsed(row.link_indices_json) as number[] | null
  const data = parsed(row.data_json) as JsonObject | null
  return issueForm({
    ruleId: row.rule_id,
    severity: row.severity as Issue['severity'],
    nodeIds: parsed(row.node_ids_json) as string[],
    message: row.message,
    ...(linkIndices === null ? {} : { linkIndices }),
    detail: row.detail,
    fix: parsed(row.fix_json) as NonNullable<Issue['fix']> | null,
    ...(data === null ? {} : { data }),
  })
}

/** In an order that does not depend on which scan brought them. */
const IN_ORDER = 'ORDER BY node_path, plugin_id, extension_id, contribution_id'

export function readContributions(database: DatabaseReader, nodePath: string | undefined): Contribution[] {
  const rows =
    nodePath === undefined
      ? database.all(CONTRIBUTION, `SELECT * FROM scan_contributions ${IN_ORDER}`)
      : database.all(CONTRIBUTION, `SELECT * FROM scan_contributions WHERE node_path = ? ${IN_ORDER}`, nodePath)
  return rows.map((row) => ({
    pluginId: row.plugin_id,
    extensionId: row.extension_id,
    nodePath: row.node_path,
    contributionId: row.contribution_id,
    contract: row.contract,
    payload: parsed(row.payload_json),
  }))
}
