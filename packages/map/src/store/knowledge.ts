import { jsonValue } from '@tenon/contract'
import type { Database, DatabaseReader, RowOf } from '@tenon/database'
import type { Issue, Link } from '../graph-schema.ts'
import type { Trust } from '../kernel/reuse.ts'
import type { Scan } from '../kernel/run-scan.ts'
import { NOTHING_BEFORE, type KnownFile, type Snapshot } from '../kernel/snapshot.ts'
import { readContributions, readExtent, readNodes } from './read-scan.ts'
import { replaceRows } from './replace-rows.ts'
import type { ReplacedTable } from './table-rows.ts'

/** What is known of files beside the tables of the specification, so that a scan need not find it out again. */
export const KNOWLEDGE_TABLES = `
CREATE TABLE scan_known_files (
  path TEXT PRIMARY KEY,
  mark TEXT,
  provider TEXT NOT NULL,
  found_json TEXT NOT NULL,
  issues_json TEXT NOT NULL
) STRICT;
CREATE TABLE scan_known_inputs (
  name TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL
) STRICT;
`

const FILE = { path: 'text', mark: 'text?', provider: 'text', found_json: 'text', issues_json: 'text' } as const
const INPUT = { name: 'text', fingerprint: 'text' } as const

/**
 * Makes a database keep what is known, under a generation of its own, which it gives. With `changed`, everything that is
 * known of other files is held already.
 */
export function replaceKnowledge(
  database: Database,
  { result, knowledge: { inputs, files } }: Pick<Scan, 'result' | 'knowledge'>,
  changed: ReadonlySet<string> | undefined,
  id: string,
): string {
  const table: ReplacedTable<typeof FILE, [string, KnownFile]> = {
    table: 'scan_known_files',
    columns: FILE,
    rowOf: fileRow,
  }
  const only = changed && { column: 'path' as const, pathOf: ([path]: [string, KnownFile]) => path, changed }
  replaceRows(database, table, [...files], only)
  const generation = `${result.scannedAt} ${id}`
  const rowOf = ([name, fingerprint]: [string, string]) => ({ name, fingerprint })
  const named = Object.entries({ ...inputs, [GENERATION]: generation })
  replaceRows(database, { table: 'scan_known_inputs', columns: INPUT, rowOf }, named)
  return generation
}

/** Stands among the inputs; no extension has a key without a slash. */
const GENERATION = 'generation'

/** Whether a database holds what was read or kept as this, and no other program has kept a scan since. */
export function holdsGeneration(database: DatabaseReader, { generation }: Snapshot): boolean {
  const sql =
    "SELECT fingerprint FROM scan_known_inputs, scan_meta WHERE name = ? AND fingerprint LIKE scanned_at || ' %'"
  const held = database.get({ fingerprint: 'text' }, sql, GENERATION)?.fingerprint
  return held !== undefined && held === generation
}

const fileRow = ([path, { mark, provider, found, issues }]: [string, KnownFile]): RowOf<typeof FILE> => ({
  ...{ path, mark: mark ?? null, provider },
  found_json: JSON.stringify(found),
  issues_json: JSON.stringify(issues),
})

/**
 * What the next scan needs of the one that is held, read when it is first asked for. A scan that trusts nothing needs no
 * knowledge; without it nothing could go on from a snapshot, which has no generation then.
 */
export function heldSnapshot(database: DatabaseReader, trust: Trust): Snapshot {
  let read: ReturnType<typeof readSnapshot> | undefined
  const all = () => (read ??= readSnapshot(database, trust))
  return {
    ...readExtent(database),
    get nodes() {
      return all().nodes
    },
    get contributions() {
      return all().contributions
    },
    get knowledge() {
      return all().knowledge
    },
    get generation() {
      return all().generation
    },
  }
}

const readSnapshot = (database: DatabaseReader, trust: Trust): Omit<Snapshot, 'roots' | 'filesWalked'> => ({
  nodes: new Map(readNodes(database).map((node) => [node.path, node])),
  contributions: readContributions(database, undefined),
  ...(trust === 'nothing' ? { knowledge: NOTHING_BEFORE.knowledge } : readKnowledge(database)),
})

function readKnowledge(database: DatabaseReader): Pick<Snapshot, 'knowledge' | 'generation'> {
  const { [GENERATION]: generation, ...inputs } = Object.fromEntries(
    database.all(INPUT, 'SELECT * FROM scan_known_inputs').map(({ name, fingerprint }) => [name, fingerprint]),
  )
  const files = new Map(database.all(FILE, 'SELECT * FROM scan_known_files').map((row) => [row.path, fileOf(row)]))
  return { knowledge: { inputs, files }, ...(generation === undefined ? {} : { generation }) }
}

// The store wrote these texts itself, from values of the type that is read.
const fileOf = ({ mark, provider, found_json, issues_json }: RowOf<typeof FILE>): KnownFile => ({
  provider,
  found: jsonValue(found_json) as Record<string, Link[]>,
  issues: jsonValue(issues_json) as Issue[],
  ...(mark === null ? {} : { mark }),
})
