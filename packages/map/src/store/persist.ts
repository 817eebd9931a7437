import type { Columns, Database, RowOf } from '@tenon/database'
import type { ExtractorRun } from '../kernel/collector.ts'
import type { Scan } from '../kernel/run-scan.ts'
import { CONTRIBUTION, ENRICHMENT, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'
import { enrichmentColumns } from './enrichments.ts'
import { knownChanges, replaceKnowledge, type KnownChanges } from './knowledge.ts'
import { replaceRows } from './replace-rows.ts'
import {
  contributionColumns,
  issueColumns,
  linkColumns,
  metaColumns,
  nodeColumns,
  runColumns,
  tagRows,
} from './rows.ts'
import { moveState } from './state-rows.ts'

/** Makes the database hold this scan and nothing of the one before but what it leaves standing. To be called in a transaction. */
export function persistScan(database: Database, scan: Scan, generation: string): void {
  const changes = knownChanges(database, scan.knowledge)
  moveState(database, scan.renames)
  replaceGraph(database, scan)
  replaceRuns(database, scan, changes)
  const live = new Set(scan.result.nodes.map(({ path }) => path))
  replaceContributions(database, scan, live)
  replaceEnrichments(database, scan, live)
  replaceKnowledge(database, scan.knowledge, changes, generation)
}

function replaceGraph(database: Database, { result }: Scan): void {
  const { scannedAt, nodes, links, issues } = result
  replaceRows(
    database,
    {
      table: 'scan_nodes',
      columns: NODE,
      rowOf: (node) => nodeColumns(node, scannedAt),
      since: 'scanned_at',
      order: 'rowid',
    },
    nodes,
  )
  replaceRows(database, { table: 'scan_links', columns: LINK, rowOf: linkColumns, order: 'id' }, links)
  replaceRows(database, { table: 'scan_issues', columns: ISSUE, rowOf: issueColumns, order: 'id' }, issues)
  replaceRows(database, { table: 'scan_meta', columns: META, rowOf: metaColumns }, [result])
  replaceRows(database, { table: 'scan_node_tags', columns: TAG, rowOf: (row) => row }, nodes.flatMap(tagRows))
}

/** There are several runs for each node: where only some are known to be others, the rest is not even looked at. */
function replaceRuns(database: Database, { extractorRuns, result }: Scan, changes: KnownChanges | undefined): void {
  const rowOf = (run: ExtractorRun): RowOf<typeof RUN> => runColumns(run, result.scannedAt)
  if (changes === undefined)
    return replaceRows(database, { table: 'scan_extractor_runs', columns: RUN, rowOf, since: 'ran_at' }, extractorRuns)
  const others = new Set([...changes.changed, ...changes.gone])
  for (const path of others) database.run('DELETE FROM scan_extractor_runs WHERE node_path = ?', path)
  const sql = 'INSERT INTO scan_extractor_runs (node_path, extractor_id, body_hash_at_run, ran_at) VALUES (?, ?, ?, ?)'
  for (const run of extractorRuns) if (others.has(run.nodePath)) database.run(sql, ...Object.values(rowOf(run)))
}

/** A pair of node and extension that was looked at again has said everything it says; of the others what was said stays. */
function replaceContributions(
  database: Database,
  { contributions, result, cached, declares }: Scan,
  live: ReadonlySet<string>,
): void {
  const said = contributions.map((contribution) => contributionColumns(contribution, result.scannedAt))
  const keyOf = (row: RowOf<typeof CONTRIBUTION>): string =>
    `${row.plugin_id}/${row.extension_id}/${row.contribution_id}`
  const anew = new Set(said.map((row) => JSON.stringify([row.node_path, keyOf(row)])))
  const standing = stillHeld(
    database,
    { table: 'scan_contributions', columns: CONTRIBUTION },
    (row) =>
      live.has(row.node_path) &&
      cached(row.node_path, `${row.plugin_id}/${row.extension_id}`) &&
      declares(keyOf(row)) &&
      !anew.has(JSON.stringify([row.node_path, keyOf(row)])),
  )
  replaceRows(
    database,
    { table: 'scan_contributions', columns: CONTRIBUTION, rowOf: (row) => row, since: 'emitted_at' },
    [...standing, ...said],
  )
}

/** As contributions; but what a model found out stays for as long as the node lives. */
function replaceEnrichments(
  database: Database,
  { enrichments, result, cached }: Scan,
  live: ReadonlySet<string>,
): void {
  const found = enrichments.map((enrichment) => enrichmentColumns(enrichment, result.scannedAt))
  const anew = new Set(found.map((row) => JSON.stringify([row.node_path, row.extractor_id])))
  const standing = stillHeld(
    database,
    { table: 'node_enrichments', columns: ENRICHMENT },
    (row) =>
      live.has(row.node_path) &&
      (row.is_probabilistic !== 0 || cached(row.node_path, row.extractor_id)) &&
      !anew.has(JSON.stringify([row.node_path, row.extractor_id])),
  )
  replaceRows(database, { table: 'node_enrichments', columns: ENRICHMENT, rowOf: (row) => row, since: 'enriched_at' }, [
    ...standing,
    ...found,
  ])
}

function stillHeld<C extends Columns>(
  database: Database,
  { table, columns }: { table: string; columns: C },
  holds: (row: RowOf<C>) => boolean,
): RowOf<C>[] {
  const held: RowOf<C>[] = []
  for (const row of database.each(columns, `SELECT * FROM ${table}`)) if (holds(row)) held.push(row)
  return held
}
