import type { Database, DatabaseReader, RowOf } from '@tenon/database'
import type { Issue, Link } from '../graph-schema.ts'
import type { Knowledge, KnownFile, Snapshot } from '../kernel/snapshot.ts'
import { readContributions, readNodes, readRoots } from './read-scan.ts'
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

/** Paths of files of which something else is known than before, or nothing any more. */
export type KnownChanges = { changed: string[]; gone: string[] }

/** What is to be written so that a database keeps what is known; undefined where that is not what it came from. */
export function knownChanges(database: DatabaseReader, { files, basis }: Knowledge): KnownChanges | undefined {
  const { generation, files: before = new Map<string, KnownFile>() } = basis ?? {}
  if (generation === undefined || generation !== generationIn(database)) return undefined
  return {
    changed: [...files].flatMap(([path, known]) => (before.get(path) === known ? [] : path)),
    gone: [...before.keys()].filter((path) => !files.has(path)),
  }
}

/** Makes a database keep what is known, under a generation of its own. */
export function replaceKnowledge(
  database: Database,
  { inputs, files }: Knowledge,
  changes: KnownChanges | undefined,
  generation: string,
): void {
  if (changes === undefined)
    replaceRows(database, { table: 'scan_known_files', columns: FILE, rowOf: fileRow }, [...files])
  else {
    for (const path of changes.gone) database.run('DELETE FROM scan_known_files WHERE path = ?', path)
    for (const path of changes.changed) putFile(database, path, files.get(path))
  }
  const rowOf = ([name, fingerprint]: [string, string]) => ({ name, fingerprint })
  const named = Object.entries({ ...inputs, [GENERATION]: generation })
  replaceRows(database, { table: 'scan_known_inputs', columns: INPUT, rowOf }, named)
}

/** Stands among the inputs; no extension has a key without a slash. */
const GENERATION = 'generation'

const generationIn = (database: DatabaseReader): string | undefined =>
  database.get(INPUT, 'SELECT * FROM scan_known_inputs WHERE name = ?', GENERATION)?.fingerprint

function putFile(database: Database, path: string, known: KnownFile | undefined): void {
  if (known === undefined) return
  const row = fileRow([path, known])
  const sql =
    'INSERT OR REPLACE INTO scan_known_files (path, mark, provider, found_json, issues_json) VALUES (?, ?, ?, ?, ?)'
  database.run(sql, path, row.mark, row.provider, row.found_json, row.issues_json)
}

const fileRow = ([path, { mark, provider, found, issues }]: [string, KnownFile]): RowOf<typeof FILE> => ({
  ...{ path, mark: mark ?? null, provider },
  found_json: JSON.stringify(found),
  issues_json: JSON.stringify(issues),
})

/** What the next scan needs of the one that is held. */
export function readSnapshot(database: DatabaseReader): Snapshot {
  const { [GENERATION]: generation, ...inputs } = Object.fromEntries(
    database.all(INPUT, 'SELECT * FROM scan_known_inputs').map(({ name, fingerprint }) => [name, fingerprint]),
  )
  return {
    roots: readRoots(database),
    nodes: new Map(readNodes(database).map((node) => [node.path, node])),
    contributions: readContributions(database, undefined),
    knowledge: {
      inputs,
      ...(generation === undefined ? {} : { generation }),
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
