import type { Columns, Database, RowOf } from '@tenon/database'
import type { Link, Node } from '../graph-schema.ts'
import type { Contribution, ExtractorRun } from '../kernel/collector.ts'
import type { Scan } from '../kernel/run-scan.ts'
import type { Snapshot } from '../kernel/snapshot.ts'
import { changesOf, type Changes } from './changes.ts'
import { CONTRIBUTION, ENRICHMENT, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'
import { enrichmentColumns } from './enrichments.ts'
import { holdsGeneration, replaceKnowledge } from './knowledge.ts'
import { replaceRows, type OnlyOf, type ReplacedTable } from './replace-rows.ts'
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

/**
 * Makes the database hold this scan and nothing of the one before but what it leaves standing, and gives what the next
 * scan needs of it. To be called in a transaction.
 */
export function persistScan(database: Database, scan: Scan, id: string): Snapshot {
  const { result, contributions, knowledge, basis } = scan
  const changes = basis !== undefined && holdsGeneration(database, basis) ? changesOf(basis, scan) : undefined
  moveState(database, scan.renames)
  replaceGraph(database, scan, changes)
  replaceFound(database, scan, changes)
  replaceEnrichments(database, scan)
  const generation = replaceKnowledge(database, scan, changes?.files, id)
  const nodes = new Map(result.nodes.map((node) => [node.path, node]))
  return { roots: result.roots, nodes, contributions, knowledge, generation }
}

function replaceGraph(database: Database, { result }: Scan, changes: Changes | undefined): void {
  const { scannedAt, nodes, links, issues } = result
  const nodeTable: ReplacedTable<typeof NODE, Node> = {
    ...{ table: 'scan_nodes', columns: NODE, since: 'scanned_at', order: 'rowid' },
    rowOf: (node) => nodeColumns(node, scannedAt),
  }
  replaceRows(
    database,
    nodeTable,
    nodes,
    only('path', ({ path }) => path, changes?.nodes),
  )
  const linkTable: ReplacedTable<typeof LINK, Link> = {
    table: 'scan_links',
    columns: LINK,
    rowOf: linkColumns,
    order: 'id',
  }
  replaceRows(
    database,
    linkTable,
    links,
    only('source_path', ({ source }) => source, changes?.links),
  )
  replaceRows(database, { table: 'scan_issues', columns: ISSUE, rowOf: issueColumns, order: 'id' }, issues)
  replaceRows(database, { table: 'scan_meta', columns: META, rowOf: metaColumns }, [result])
  const tags = nodes.flatMap(tagRows)
  const tagTable: ReplacedTable<typeof TAG, RowOf<typeof TAG>> = {
    table: 'scan_node_tags',
    columns: TAG,
    rowOf: (row) => row,
  }
  replaceRows(
    database,
    tagTable,
    tags,
    only('node_path', ({ node_path }) => node_path, changes?.files),
  )
}

function replaceFound(
  database: Database,
  { extractorRuns, contributions, result }: Scan,
  changes: Changes | undefined,
): void {
  const runTable: ReplacedTable<typeof RUN, ExtractorRun> = {
    ...{ table: 'scan_extractor_runs', columns: RUN, since: 'ran_at' },
    rowOf: (run) => runColumns(run, result.scannedAt),
  }
  replaceRows(
    database,
    runTable,
    extractorRuns,
    only('node_path', ({ nodePath }) => nodePath, changes?.files),
  )
  const contributionTable: ReplacedTable<typeof CONTRIBUTION, Contribution> = {
    ...{ table: 'scan_contributions', columns: CONTRIBUTION, since: 'emitted_at' },
    rowOf: (contribution) => contributionColumns(contribution, result.scannedAt),
  }
  replaceRows(
    database,
    contributionTable,
    contributions,
    only('node_path', ({ nodePath }) => nodePath, changes?.contributions),
  )
}

const only = <C extends Columns, T>(
  column: string & keyof C,
  pathOf: (thing: T) => string,
  changed: ReadonlySet<string> | undefined,
): OnlyOf<C, T> | undefined => (changed === undefined ? undefined : { column, pathOf, changed })

/**
 * An extractor that looked at a node again has said all that it says; of others what was found out stays, and what a
 * model found out stays for as long as the node lives.
 */
function replaceEnrichments(database: Database, { enrichments, result, cached }: Scan): void {
  const live = new Set(result.nodes.map(({ path }) => path))
  const found = enrichments.map((enrichment) => enrichmentColumns(enrichment, result.scannedAt))
  const anew = new Set(found.map((row) => JSON.stringify([row.node_path, row.extractor_id])))
  const standing: RowOf<typeof ENRICHMENT>[] = []
  for (const row of database.each(ENRICHMENT, 'SELECT * FROM node_enrichments')) {
    const { node_path: path, extractor_id: extractor } = row
    const stays = row.is_probabilistic !== 0 || cached(path, extractor)
    if (stays && live.has(path) && !anew.has(JSON.stringify([path, extractor]))) standing.push(row)
  }
  const table = { table: 'node_enrichments', columns: ENRICHMENT, since: 'enriched_at' } as const
  replaceRows(database, { ...table, rowOf: (row) => row }, [...standing, ...found])
}
