import type { Columns, Database, RowOf } from '@tenon/database'
import type { Link, Node } from '../graph-schema.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { Scan } from '../kernel/run-scan.ts'
import type { Snapshot } from '../kernel/snapshot.ts'
import { changesOf, type Changes } from './changes.ts'
import { CONTRIBUTION, ENRICHMENT, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'
import { enrichmentColumns } from './enrichments.ts'
import { holdsGeneration, replaceKnowledge } from './knowledge.ts'
import { replaceOrdered, type Kept, type Known } from './replace-ordered.ts'
import { replaceRows } from './replace-rows.ts'
import { contributionColumns, issueColumns, linkColumns, metaColumns, nodeColumns, runRows, tagRows } from './rows.ts'
import { moveState } from './state-rows.ts'
import type { OnlyOf, OrderedTable, ReplacedTable } from './table-rows.ts'

/** What the ordered tables hold for a snapshot, for as long as a process goes on from it. */
type KeptRows = { nodes: Kept<Node> | undefined; links: Kept<Link> | undefined }

const keptRows = new WeakMap<Snapshot, KeptRows>()

/**
 * Makes the database hold this scan and nothing of the one before but what it leaves standing, and gives what the next
 * scan needs of it. To be called in a transaction.
 */
export function persistScan(database: Database, scan: Scan, id: string): Snapshot {
  const { result, contributions, knowledge, basis } = scan
  const isGoneOn = basis !== undefined && holdsGeneration(database, basis)
  const changes = isGoneOn ? changesOf(basis, scan) : undefined
  moveState(database, scan.renames)
  const rows = replaceGraph(database, scan, changes, isGoneOn ? keptIn(database, basis) : undefined)
  replaceFound(database, scan, changes)
  replaceEnrichments(database, scan)
  const generation = replaceKnowledge(database, scan, changes?.files, id)
  const nodes = new Map(result.nodes.map((node) => [node.path, node]))
  const { roots, stats } = result
  const snapshot = { roots, filesWalked: stats.filesWalked, nodes, contributions, knowledge, generation }
  keptRows.set(snapshot, rows)
  return snapshot
}

/** A database that was cleaned up since has other keys where SQLite chooses them, and the last is another then. */
function keptIn(database: Database, basis: Snapshot): KeptRows | undefined {
  const kept = keptRows.get(basis)
  const last = database.get({ id: 'number?' }, 'SELECT max(rowid) AS id FROM scan_nodes')?.id ?? undefined
  return kept?.nodes?.ids.at(-1) === last ? kept : undefined
}

function replaceGraph(
  database: Database,
  { result }: Scan,
  changes: Changes | undefined,
  kept: KeptRows | undefined,
): KeptRows {
  const { scannedAt, nodes, links, issues } = result
  const nodeTable: OrderedTable<typeof NODE, Node> = {
    ...{ table: 'scan_nodes', columns: NODE, since: 'scanned_at', order: 'rowid' },
    rowOf: (node) => nodeColumns(node, scannedAt),
  }
  const onlyNodes = only<typeof NODE, Node>('path', ({ path }) => path, changes?.nodes)
  const linkTable: OrderedTable<typeof LINK, Link> = {
    ...{ table: 'scan_links', columns: LINK, rowOf: linkColumns, order: 'id' },
  }
  const onlyLinks = only<typeof LINK, Link>('source_path', ({ source }) => source, changes?.links)
  const rows = {
    nodes: replaceOrdered(database, nodeTable, nodes, known(onlyNodes, kept?.nodes)),
    links: replaceOrdered(database, linkTable, links, known(onlyLinks, kept?.links)),
  }
  replaceOrdered(database, { table: 'scan_issues', columns: ISSUE, rowOf: issueColumns, order: 'id' }, issues)
  replaceRows(database, { table: 'scan_meta', columns: META, rowOf: metaColumns }, [result])
  replaceTags(database, nodes, changes?.files)
  return rows
}

const known = <C extends Columns, T>(
  onlyOf: OnlyOf<C, T> | undefined,
  kept: Kept<T> | undefined,
): Known<C, T> | undefined => onlyOf && { only: onlyOf, kept }

function replaceTags(database: Database, nodes: readonly Node[], changed: ReadonlySet<string> | undefined): void {
  const asked = changed === undefined ? nodes : nodes.filter(({ path }) => changed.has(path))
  const table: ReplacedTable<typeof TAG, RowOf<typeof TAG>> = {
    ...{ table: 'scan_node_tags', columns: TAG, rowOf: (row) => row },
  }
  const onlyTags = only<typeof TAG, RowOf<typeof TAG>>('node_path', ({ node_path }) => node_path, changed)
  replaceRows(database, table, asked.flatMap(tagRows), onlyTags)
}

function replaceFound(
  database: Database,
  { extractorRuns, contributions, result }: Scan,
  changes: Changes | undefined,
): void {
  const runTable: ReplacedTable<typeof RUN, RowOf<typeof RUN>> = {
    ...{ table: 'scan_extractor_runs', columns: RUN, since: 'ran_at', rowOf: (row) => row },
  }
  const runs =
    changes === undefined ? extractorRuns : extractorRuns.filter(({ nodePath }) => changes.files.has(nodePath))
  replaceRows(
    database,
    runTable,
    runs.flatMap((ran) => runRows(ran, result.scannedAt)),
    only('node_path', ({ node_path }) => node_path, changes?.files),
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
