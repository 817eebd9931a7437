import type { Database } from '@tenon/database'
import type { Scan } from '../kernel/run-scan.ts'
import { CONTRIBUTION, ISSUE, LINK, META, NODE, RUN, TAG } from './columns.ts'
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

/** Makes the scan zone hold this scan. To be called in a transaction. */
export function persistScan(database: Database, { result, contributions, extractorRuns }: Scan): void {
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
  replaceRows(
    database,
    {
      table: 'scan_extractor_runs',
      columns: RUN,
      rowOf: (run) => runColumns(run, scannedAt),
      since: 'ran_at',
    },
    extractorRuns,
  )
  replaceRows(
    database,
    {
      table: 'scan_contributions',
      columns: CONTRIBUTION,
      rowOf: (said) => contributionColumns(said, scannedAt),
      since: 'emitted_at',
    },
    contributions,
  )
}
