import { jsonValue, type JsonObject, type World } from '@tenon/contract'
import type { Database, DatabaseReader, RowOf } from '@tenon/database'
import type { Enrichment } from '../kernel/collector.ts'
import { ENRICHMENT } from './columns.ts'

/** What was found out about a node beside its front matter, and when. */
export type HeldEnrichment = Enrichment & { stale: boolean; enrichedAt: number }

export const enrichmentColumns = (
  { nodePath, extractorId, bodyHash, value }: Enrichment,
  at: number,
): RowOf<typeof ENRICHMENT> => ({
  node_path: nodePath,
  extractor_id: extractorId,
  body_hash_at_enrichment: bodyHash,
  value_json: JSON.stringify(value),
  stale: 0,
  enriched_at: at,
  is_probabilistic: 0,
})

/** Those of all nodes or of one, the earliest first, which is the order in which they are merged. */
export function readEnrichments(database: DatabaseReader, nodePath: string | undefined): HeldEnrichment[] {
  const order = 'ORDER BY enriched_at, node_path, extractor_id'
  const rows =
    nodePath === undefined
      ? database.all(ENRICHMENT, `SELECT * FROM node_enrichments ${order}`)
      : database.all(ENRICHMENT, `SELECT * FROM node_enrichments WHERE node_path = ? ${order}`, nodePath)
  return rows.map((row) => ({
    nodePath: row.node_path,
    extractorId: row.extractor_id,
    bodyHash: row.body_hash_at_enrichment,
    value: jsonValue(row.value_json) as JsonObject,
    stale: row.stale !== 0,
    enrichedAt: row.enriched_at,
  }))
}

/** Keeps what extractors found out about one node when they looked at it again, in place of what they had found. */
export function refreshEnrichments(
  database: Database,
  world: World,
  { nodePath, found }: { nodePath: string; found: readonly Enrichment[] },
): void {
  database.run('DELETE FROM node_enrichments WHERE node_path = ? AND is_probabilistic = 0', nodePath)
  const names = Object.keys(ENRICHMENT)
  const sql = `INSERT OR REPLACE INTO node_enrichments (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  for (const enrichment of found) database.run(sql, ...Object.values(enrichmentColumns(enrichment, world.now())))
}
