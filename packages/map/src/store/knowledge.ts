import type { Database, DatabaseReader, RowOf } from '@tenon/database'
import type { Issue, Link } from '../graph-schema.ts'
import type { Knowledge, KnownFile, Snapshot } from '../kernel/snapshot.ts'
import { readContributions, readNodes } from './read-scan.ts'
import { replaceRows } from './replace-rows.ts'

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

export function replaceKnowledge(database: Database, { inputs, files }: Knowledge): void {
  replaceRows(database, { table: 'scan_known_files', columns: FILE, rowOf: fileRow }, [...files])
  const rowOf = ([name, fingerprint]: [string, string]) => ({ name, fingerprint })
  replaceRows(database, { table: 'scan_known_inputs', columns: INPUT, rowOf }, Object.entries(inputs))
}

const fileRow = ([path, { mark, provider, found, issues }]: [string, KnownFile]): RowOf<typeof FILE> => ({
  ...{ path, mark: mark ?? null, provider },
  found_json: JSON.stringify(found),
  issues_json: JSON.stringify(issues),
})

/** What the next scan needs of the one that is held. */
export function readSnapshot(database: DatabaseReader): Snapshot {
  const inputs = database.all(INPUT, 'SELECT * FROM scan_known_inputs')
  return {
    nodes: new Map(readNodes(database).map((node) => [node.path, node])),
    contributions: readContributions(database, undefined),
    knowledge: {
      inputs: Object.fromEntries(inputs.map(({ name, fingerprint }) => [name, fingerprint])),
      files: new Map(database.all(FILE, 'SELECT * FROM scan_known_files').map((row) => [row.path, fileOf(row)])),
    },
  }
}

// The store wrote these texts itself, from values of the type that is read.
const fileOf = ({ mark, provider, found_json, issues_json }: RowOf<typeof FILE>): KnownFile => ({
  provider,
  found: JSON.parse(found_json) as Record<string, Link[]>,
  issues: JSON.parse(issues_json) as Issue[],
  ...(mark === null ? {} : { mark }),
})
