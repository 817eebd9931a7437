import type { Database, DatabaseReader, RowOf } from '@tenon/database'
import type { Issue } from '../graph-schema.ts'
import type { Scan } from '../kernel/run-scan.ts'
import type { KnownFile, Snapshot } from '../kernel/snapshot.ts'
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

export const FILE = { path: 'text', mark: 'text?', provider: 'text', found_json: 'text', issues_json: 'text' } as const
const INPUT = { name: 'text', fingerprint: 'text' } as const

/**
 * Makes a database keep what is known, under a generation of its own, which it gives. With `changed`, everything that is
 * known of other files is held already.
 */
export function replaceKnowledge(
  database: Database,
  { result, knowledge: { inputs, files, judged } }: Pick<Scan, 'result' | 'knowledge'>,
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
  const issues = [...judged].map(([key, found]) => [`${ISSUES}${key}`, placeOf(found, result.issues)])
  const named = Object.entries({ ...inputs, ...Object.fromEntries(issues), [GENERATION]: generation })
  replaceRows(database, { table: 'scan_known_inputs', columns: INPUT, rowOf }, named)
  return generation
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

const fileRow = ([path, { mark, isUnfinished, provider, found, issues }]: [string, KnownFile]): RowOf<typeof FILE> => ({
  ...{ path, mark: isUnfinished === true ? null : (mark ?? null), provider },
  found_json: JSON.stringify(found),
  issues_json: JSON.stringify(issues),
})
