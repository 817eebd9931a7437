import type { Database, DatabaseReader } from '@tenon/database'
import type { KnownFolder } from '../files/listing.ts'
import type { Issue } from '../graph-schema.ts'
import { changedPaths } from '../kernel/difference.ts'
import type { Basis, Scan } from '../kernel/run-scan.ts'
import type { KnownFile, Knowledge, Snapshot } from '../kernel/snapshot.ts'
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

/** As what folders were listed, so that one that looks as it did need not be listed again. `root` is its place in the list of roots. */
export const FOLDER_TABLE = `
CREATE TABLE scan_known_folders (
  root INTEGER NOT NULL,
  path TEXT NOT NULL,
  mark TEXT NOT NULL,
  names_json TEXT NOT NULL,
  PRIMARY KEY (root, path)
) STRICT;
PRAGMA user_version = 3;
`

/** How files looked lies with their folders, so that it is read without what was found in them. */
export const LOOKS_TABLE = `
DROP TABLE scan_known_folders;
CREATE TABLE scan_known_folders (
  root INTEGER NOT NULL,
  path TEXT NOT NULL,
  mark TEXT NOT NULL,
  names_json TEXT NOT NULL,
  looks_json TEXT NOT NULL,
  PRIMARY KEY (root, path)
) STRICT;
ALTER TABLE scan_known_files DROP COLUMN mark;
CREATE INDEX ix_scan_known_files_issues ON scan_known_files (path) WHERE issues_json <> '[]';
PRAGMA user_version = 4;
`

export const FILE = { path: 'text', provider: 'text', found_json: 'text', issues_json: 'text' } as const
const FOLDER = { root: 'number', path: 'text', mark: 'text', names_json: 'text', looks_json: 'text' } as const
const INPUT = { name: 'text', fingerprint: 'text' } as const

/**
 * Makes a database keep what is known, under a generation of its own, which it gives. What is known of files and folders
 * that are as they were in the scan that it went on from, if it did, is held already.
 */
export function replaceKnowledge(
  database: Database,
  { result, knowledge }: Pick<Scan, 'result' | 'knowledge'>,
  basis: Basis | undefined,
  id: string,
): string {
  const { inputs, folders, judged } = knowledge
  replaceFiles(database, knowledge, basis?.difference.files)
  replaceFolders(database, folders, basis?.snapshot.knowledge.folders)
  const generation = `${result.scannedAt} ${id}`
  const rowOf = ([name, fingerprint]: [string, string]) => ({ name, fingerprint })
  const issues = [...judged].map(([key, found]) => [`${ISSUES}${key}`, placeOf(found, result.issues)])
  const named = Object.entries({ ...inputs, ...Object.fromEntries(issues), [GENERATION]: generation })
  replaceRows(database, { table: 'scan_known_inputs', columns: INPUT, rowOf }, named)
  return generation
}

type File = [path: string, known: KnownFile]

function replaceFiles(
  database: Database,
  { files, complaints }: Pick<Knowledge, 'files' | 'complaints'>,
  changed: ReadonlySet<string> | undefined,
): void {
  const table: ReplacedTable<typeof FILE, File> = {
    ...{ table: 'scan_known_files', columns: FILE },
    rowOf: ([path, { provider, found }]) => ({
      ...{ path, provider, found_json: JSON.stringify(found) },
      issues_json: JSON.stringify(complaints.get(path) ?? []),
    }),
  }
  const only = changed && { column: 'path' as const, pathOf: ([path]: File) => path, changed }
  const of = changed && [...changed].flatMap((path): File[] => knownAt(files, path))
  replaceRows(database, table, of ?? [...files], only)
}

function knownAt(files: Knowledge['files'], path: string): File[] {
  const known = files.get(path)
  return known === undefined ? [] : [[path, known]]
}

type Folders = Knowledge['folders']

/** A folder of one of the roots, by its place among them. */
type Placed = { root: number; path: string; folder: KnownFolder }

/** Of a folder that was not listed again both scans hold the same object. */
function replaceFolders(database: Database, folders: Folders, before: Folders | undefined): void {
  const table: ReplacedTable<typeof FOLDER, Placed> = {
    ...{ table: 'scan_known_folders', columns: FOLDER },
    rowOf: ({ root, path, folder: { mark, names, looks } }) => ({
      ...{ root, path, mark, names_json: names, looks_json: looks },
    }),
  }
  const placed = folders.flatMap((known, root) => [...known].map(([path, folder]) => ({ root, path, folder })))
  const changed = before && new Set(folders.flatMap((known, root) => changedPaths(before[root] ?? new Map(), known)))
  replaceRows(database, table, placed, changed && { column: 'path', pathOf: ({ path }) => path, changed })
}

/** Of each root, by its place among them, what is known of its folders. */
export function readFolders(database: DatabaseReader): Folders {
  const folders: Map<string, KnownFolder>[] = []
  for (const { root, path, mark, names_json, looks_json } of database.all(FOLDER, 'SELECT * FROM scan_known_folders'))
    (folders[root] ??= new Map()).set(path, { mark, names: names_json, looks: looks_json })
  return folders
}

/** Stands among the inputs; no extension has a key without a slash. */
const GENERATION = 'generation'
/** Stands before the key of a rule, where it is said which of the issues are those that it found. */
const ISSUES = 'issues '

/** What a scan depended on, under which generation it was kept, and by the keys of rules which of the issues each found. */
export function readInputs(database: DatabaseReader) {
  const rows = database
    .all(INPUT, 'SELECT * FROM scan_known_inputs')
    .map(({ name, fingerprint }) => [name, fingerprint])
  const { [GENERATION]: generation, ...named } = Object.fromEntries(rows) as Record<string, string>
  const [places = [], inputs = []] = [true, false].map((isOfIssues) =>
    Object.entries(named).filter(([name]) => name.startsWith(ISSUES) === isOfIssues),
  )
  return {
    ...{ generation, inputs: Object.fromEntries(inputs) },
    places: new Map(places.map(([name, place]) => [name.slice(ISSUES.length), placeIn(place)])),
  }
}

type Place = { at: number; count: number }

function placeIn(text: string): Place {
  const [at = 0, count = 0] = text.split(' ').map(Number)
  return { at, count }
}

const placeOf = ([first, ...others]: readonly Issue[], all: readonly Issue[]): string =>
  first === undefined ? '0 0' : `${all.indexOf(first)} ${others.length + 1}`

/** Whether a database holds what was read or kept as this, and no other program has kept a scan since. */
export function holdsGeneration(database: DatabaseReader, { generation }: Snapshot): boolean {
  const sql =
    "SELECT fingerprint FROM scan_known_inputs, scan_meta WHERE name = ? AND fingerprint LIKE scanned_at || ' %'"
  const held = database.get({ fingerprint: 'text' }, sql, GENERATION)?.fingerprint
  return held !== undefined && held === generation
}
