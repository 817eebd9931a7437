import { TenonError, type Problem } from '@tenon/contract'
import { openReader, type DatabaseReader } from '@tenon/database'
import { requireMap } from './backup.ts'
import { quotedName } from './quoted-name.ts'

/**
 * The database of a map as the SQL that makes it, line by line; only these tables when some are named. Throws
 * INPUT_INVALID naming those that there are not.
 */
export function* dumpMap(path: string, only?: readonly string[]): Generator<string, undefined> {
  requireMap(path)
  const reader = openReader(path)
  try {
    const tables = chosen(reader, only)
    yield 'PRAGMA foreign_keys = OFF;'
    yield 'BEGIN;'
    for (const table of tables) yield* tableSql(reader, table)
    yield* sequenceSql(reader, tables)
    yield `PRAGMA user_version = ${reader.get({ user_version: 'number' }, 'PRAGMA user_version')?.user_version ?? 0};`
    yield 'COMMIT;'
  } finally {
    reader.close()
  }
}

type Table = { name: string; sql: string }

const TABLES =
  "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"

function chosen(reader: DatabaseReader, only: readonly string[] | undefined): Table[] {
  const tables = reader.all({ name: 'text', sql: 'text' }, TABLES)
  const unknown = (only ?? []).filter((name) => !tables.some((table) => table.name === name))
  if (unknown.length > 0) throw unknownTables(reader.path, unknown, tables)
  return only === undefined ? tables : tables.filter(({ name }) => only.includes(name))
}

function* tableSql(reader: DatabaseReader, { name, sql }: Table): Generator<string, undefined> {
  yield `${sql};`
  const columns = reader.all({ name: 'text' }, 'SELECT name FROM pragma_table_info(?)', name)
  const names = columns.map((column) => quotedName(column.name))
  const values = names.map(literal).join(" || ',' || ")
  const rows = reader.each({ line: 'text' }, `SELECT ${values} AS line FROM ${quotedName(name)}`, OBEYED)
  for (const { line } of rows) yield `INSERT INTO ${quotedName(name)} (${names.join(',')}) VALUES (${line});`
  const beside =
    "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND type <> 'table' AND sql IS NOT NULL ORDER BY name"
  for (const other of reader.all({ sql: 'text' }, beside, name)) yield `${other.sql};`
}

/**
 * Text that holds a NUL would be cut there by `quote`, and what a terminal would obey is not shown as it is: both are
 * written in hexadecimal, so that what is printed means what is kept, wherever it goes.
 */
const literal = (column: string): string =>
  `iif(typeof(${column}) = 'text' AND (instr(CAST(${column} AS BLOB), x'00') > 0 OR ${column} GLOB ?1),
    'CAST(X''' || hex(${column}) || ''' AS TEXT)', quote(${column}))`

/** Ranges of the characters of the classes Cc and Cf but for line feed and tabulator, as GLOB takes them. */
const OBEYED = `*[${[
  ...['\u0001-\u0008', '\u000b-\u001f', '\u007f-\u009f', '\u00ad', '\u0600-\u0605', '\u061c', '\u06dd', '\u070f'],
  ...[
    '\u0890-\u0891',
    '\u08e2',
    '\u180e',
    '\u200b-\u200f',
    '\u202a-\u202e',
    '\u2060-\u206f',
    '\ufeff',
    '\ufff9-\ufffb',
  ],
  ...[
    '\u{110bd}',
    '\u{110cd}',
    '\u{13430}-\u{1343f}',
    '\u{1bca0}-\u{1bca3}',
    '\u{1d173}-\u{1d17a}',
    '\u{e0001}',
    '\u{e0020}-\u{e007f}',
  ],
].join('')}]*`

/** The counters of tables that never give a key twice. */
function* sequenceSql(reader: DatabaseReader, tables: readonly Table[]): Generator<string, undefined> {
  const counted = tables.filter(({ sql }) => /\bAUTOINCREMENT\b/i.test(sql))
  for (const { name } of counted) {
    const row = reader.get({ seq: 'number' }, 'SELECT seq FROM sqlite_sequence WHERE name = ?', name)
    if (row === undefined) continue
    yield `DELETE FROM sqlite_sequence WHERE name = '${name}';`
    yield `INSERT INTO sqlite_sequence VALUES ('${name}', ${row.seq});`
  }
}

function unknownTables(path: string, unknown: readonly string[], tables: readonly Table[]): TenonError {
  const problems = unknown.map(
    (name): Problem => ({ pointer: '', code: 'table', message: `there is no table ${name}` }),
  )
  return new TenonError('INPUT_INVALID', `${path}: ${problems.map(({ message }) => message).join('; ')}`, {
    hint: `There are ${tables.map(({ name }) => name).join(', ')}.`,
    problems,
  })
}
