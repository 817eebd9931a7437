import type { Columns, Database, RowOf } from '@tenon/database'
import { once, TenonError } from '@tenon/contract'
import type { Link, Node, ScanResult } from '../graph-schema.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { Difference } from '../kernel/difference.ts'
import type { Basis, Scan } from '../kernel/run-scan.ts'
import type { Snapshot } from '../kernel/snapshot.ts'
import { CONTRIBUTION, ENRICHMENT, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'
import { enrichmentColumns } from './enrichments.ts'
import { holdsGeneration, replaceKnowledge } from './knowledge.ts'
import { replaceInPlace, replaceOrdered, type Kept, type Known } from './replace-ordered.ts'
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
  const { result, knowledge, basis } = scan
  const from = basis !== undefined && holdsGeneration(database, basis.snapshot) ? basis : undefined
  if (from === undefined && basis !== undefined) refuseOvertaken(basis.snapshot)
  moveState(database, scan.renames)
  const rows = replaceGraph(database, scan, from)
  replaceFound(database, scan, from)
  replaceEnrichments(database, scan)
  const generation = replaceKnowledge(database, scan, from, id)
  const { roots, stats } = result
  const nodes = once(() => new Map(result.nodes.map((node) => [node.path, node])))
  const snapshot = {
    ...{ roots, filesWalked: stats.filesWalked, links: scan.links, knowledge, generation },
    get nodes() {
      return nodes()
    },
    get contributions() {
      return scan.contributions
    },
  }
  keptRows.set(snapshot, rows)
  return snapshot
}
/** What was read in parts belongs to nothing once another program has kept a scan. */
function refuseOvertaken({ isSparse, generation }: Snapshot): void {
  if (isSparse !== true || generation === undefined) return
  throw new TenonError('SCAN_FAILED', 'another program kept a scan meanwhile', { hint: 'Scan again.' })
}

/** A database that was cleaned up since has other keys where SQLite chooses them, as it does for nodes, and the last is another then. */
function keptIn(database: Database, basis: Snapshot): KeptRows | undefined {
  const kept = keptRows.get(basis)
  if (kept?.nodes === undefined) return kept
  const last = database.get({ id: 'number?' }, 'SELECT max(rowid) AS id FROM scan_nodes')?.id ?? undefined
  return kept.nodes.ids.at(-1) === last ? kept : { ...kept, nodes: undefined }
}

function replaceGraph(database: Database, { result }: Scan, from: Basis | undefined): KeptRows {
  const kept = from && keptIn(database, from.snapshot)
  const rows = {
    nodes: replaceNodes(database, result, from?.difference, kept?.nodes),
    links: replaceLinks(database, result, from?.difference, kept?.links),
  }
  const issueTable = { table: 'scan_issues', columns: ISSUE, rowOf: issueColumns, order: 'id' } as const
  replaceOrdered(database, issueTable, result.issues)
  replaceRows(database, { table: 'scan_meta', columns: META, rowOf: metaColumns }, [result])
  return rows
}

function replaceNodes(
  database: Database,
  result: ScanResult,
  difference: Difference | undefined,
  kept: Kept<Node> | undefined,
): Kept<Node> | undefined {
  const table: OrderedTable<typeof NODE, Node> = {
    ...{ table: 'scan_nodes', columns: NODE, since: 'scanned_at', order: 'rowid' },
    rowOf: (node) => nodeColumns(node, result.scannedAt),
  }
  const changed = difference?.changed.map(({ is }) => is)
  const paths = difference && changed && new Set([...difference.gone, ...changed.map(({ path }) => path)])
  replaceTags(database, changed ?? result.nodes, paths)
  const onlyChanged = only<typeof NODE, Node>('path', ({ path }) => path, paths)
  if (difference?.isInOrder !== true || kept !== undefined || changed === undefined)
    return replaceOrdered(database, table, result.nodes, known(onlyChanged, kept))
  replaceInPlace(database, table, changed, 'path')
  return undefined
}

function replaceLinks(
  database: Database,
  result: ScanResult,
  difference: Difference | undefined,
  kept: Kept<Link> | undefined,
): Kept<Link> | undefined {
  if (difference?.isLinkedAsBefore === true) return kept
  const table = { table: 'scan_links', columns: LINK, rowOf: linkColumns, order: 'id' } as const
  const onlyRelinked = only<typeof LINK, Link>('source_path', ({ source }) => source, difference?.relinked)
  return replaceOrdered(database, table, result.links, known(onlyRelinked, kept))
}

const known = <C extends Columns, T>(
  onlyOf: OnlyOf<C, T> | undefined,
  kept: Kept<T> | undefined,
): Known<C, T> | undefined => onlyOf && { only: onlyOf, kept }

function replaceTags(database: Database, nodes: readonly Node[], changed: ReadonlySet<string> | undefined): void {
  const table: ReplacedTable<typeof TAG, RowOf<typeof TAG>> = {
    ...{ table: 'scan_node_tags', columns: TAG, rowOf: (row) => row },
  }
  const onlyTags = only<typeof TAG, RowOf<typeof TAG>>('node_path', ({ node_path }) => node_path, changed)
  replaceRows(database, table, nodes.flatMap(tagRows), onlyTags)
}

function replaceFound(database: Database, scan: Scan, from: Basis | undefined): void {
  const { scannedAt } = scan.result
  const files = from?.difference.files
  const runTable: ReplacedTable<typeof RUN, RowOf<typeof RUN>> = {
    ...{ table: 'scan_extractor_runs', columns: RUN, since: 'ran_at', rowOf: (row) => row },
  }
  const runs = [...(files ?? scan.extractorRuns.keys())].flatMap((path) => {
    const ran = scan.extractorRuns.get(path)
    return ran === undefined ? [] : runRows(path, ran, scannedAt)
  })
  const onlyFiles = only<typeof RUN, RowOf<typeof RUN>>('node_path', ({ node_path }) => node_path, files)
  replaceRows(database, runTable, runs, onlyFiles)
  const contributionTable: ReplacedTable<typeof CONTRIBUTION, Contribution> = {
    ...{ table: 'scan_contributions', columns: CONTRIBUTION, since: 'emitted_at' },
    rowOf: (contribution) => contributionColumns(contribution, scannedAt),
  }
  const said = from?.contributions ?? scan.contributions
  const paths = from && new Set(from.contributions.keys())
  const onlySaid = only<typeof CONTRIBUTION, Contribution>('node_path', ({ nodePath }) => nodePath, paths)
  replaceRows(database, contributionTable, [...said.values()].flat(), onlySaid)
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
  const live = once(() => new Set(result.nodes.map(({ path }) => path)))
  const found = enrichments.map((enrichment) => enrichmentColumns(enrichment, result.scannedAt))
  const anew = new Set(found.map((row) => JSON.stringify([row.node_path, row.extractor_id])))
  const standing: RowOf<typeof ENRICHMENT>[] = []
  for (const row of database.each(ENRICHMENT, 'SELECT * FROM node_enrichments')) {
    const { node_path: path, extractor_id: extractor } = row
    const stays = row.is_probabilistic !== 0 || cached(path, extractor)
    if (stays && live().has(path) && !anew.has(JSON.stringify([path, extractor]))) standing.push(row)
  }
  const table = { table: 'node_enrichments', columns: ENRICHMENT, since: 'enriched_at' } as const
  replaceRows(database, { ...table, rowOf: (row) => row }, [...standing, ...found])
}
