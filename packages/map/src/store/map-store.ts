import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { World } from '@tenon/contract'
import { openDatabase, type Database, type SqlValue } from '@tenon/database'
import type { ScanResult } from '../graph-schema.ts'
import type { Contribution } from '../kernel/collector.ts'
import type { Scan } from '../kernel/run-scan.ts'
import { mapMigrations } from './migrations.ts'
import { readContributions, readResult } from './read-scan.ts'
import {
  contributionColumns,
  issueColumns,
  linkColumns,
  metaColumns,
  nodeColumns,
  runColumns,
  tagRows,
  type Row,
} from './rows.ts'

export type MapStore = {
  /** Replaces the scan that is held, all of it or nothing. */
  persist(scan: Scan): void
  /** The scan that is held, or undefined before the first one. */
  readScan(): ScanResult | undefined
  /** What extensions said about the nodes of that scan, or about one of them. */
  readContributions(nodePath?: string): Contribution[]
  close(): void
}

/** Opens or makes the database of a map, by custom `<root>/.skill-map/skill-map.db`. */
export function openMapStore(path: string, world: World): MapStore {
  mkdirSync(dirname(path), { recursive: true })
  const database = openDatabase(path, { migrations: mapMigrations, world, durable: false })
  noteShape(database, world)
  return {
    persist: (scan) => database.transaction(() => persist(database, scan)),
    readScan: () => readResult(database),
    readContributions: (nodePath) => readContributions(database, nodePath),
    close: () => database.close(),
  }
}

/** skill-map's own ledger of the database's shape, which its other programs read. */
const noteShape = (database: Database, world: World): void =>
  void database.run(
    "INSERT OR IGNORE INTO config_schema_versions VALUES ('kernel', 'kernel', 1, 'scan tables', ?)",
    world.now(),
  )

const TABLES = [
  'scan_nodes',
  'scan_links',
  'scan_issues',
  'scan_meta',
  'scan_extractor_runs',
  'scan_contributions',
  'scan_node_tags',
]

function persist(database: Database, { result, contributions, extractorRuns }: Scan): void {
  for (const table of TABLES) database.run(`DELETE FROM ${table}`)
  const { scannedAt } = result
  insert(
    database,
    'scan_nodes',
    result.nodes.map((node) => nodeColumns(node, scannedAt)),
  )
  insert(database, 'scan_links', result.links.map(linkColumns))
  insert(database, 'scan_issues', result.issues.map(issueColumns))
  insert(database, 'scan_meta', [metaColumns(result)])
  insert(database, 'scan_node_tags', result.nodes.flatMap(tagRows))
  insert(
    database,
    'scan_extractor_runs',
    extractorRuns.map((run) => runColumns(run, scannedAt)),
  )
  insert(
    database,
    'scan_contributions',
    contributions.map((said) => contributionColumns(said, scannedAt)),
  )
}

function insert(database: Database, table: string, rows: readonly Row[]): void {
  const [first] = rows
  if (first === undefined) return
  const names = Object.keys(first)
  const sql = `INSERT INTO ${table} (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
  for (const row of rows) database.run(sql, ...(Object.values(row) satisfies SqlValue[]))
}
