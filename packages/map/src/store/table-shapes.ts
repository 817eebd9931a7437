import type { DatabaseReader } from '@tenon/database'

export type ColumnShape = {
  affinity: 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC'
  declared: string
  required: boolean
  hasDefault: boolean
  /** Its place in the primary key, from 1; 0 when it is none of it. */
  key: number
  /** As it is written in `ALTER TABLE … ADD COLUMN`. */
  sql: string
}

export type TableShape = { sql: string; hasRowid: boolean; columns: ReadonlyMap<string, ColumnShape> }

const TABLE = { name: 'text', sql: 'text', wr: 'number' } as const
const COLUMN = { name: 'text', type: 'text', notnull: 'number', dflt_value: 'text?', pk: 'number' } as const

/** The tables of a database, but for those that SQLite keeps for itself. */
export function tableShapes(database: DatabaseReader): Map<string, TableShape> {
  const tables = database.all(
    TABLE,
    `SELECT s.name, s.sql, l.wr FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name AND l.schema = 'main'
     WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.name`,
  )
  return new Map(
    tables.map(({ name, sql, wr }) => [name, { sql, hasRowid: wr === 0, columns: columnsOf(database, name) }]),
  )
}

function columnsOf(database: DatabaseReader, table: string): Map<string, ColumnShape> {
  const rows = database.all(COLUMN, 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)', table)
  return new Map(
    rows.map(({ name, type, notnull, dflt_value: fallback, pk }) => [
      name,
      {
        affinity: affinityOf(type),
        declared: type,
        required: notnull === 1,
        hasDefault: fallback !== null,
        key: pk,
        sql: `${name} ${type}${notnull === 1 ? ' NOT NULL' : ''}${fallback === null ? '' : ` DEFAULT ${fallback}`}`,
      },
    ]),
  )
}

/** By SQLite's own rules, in their order. */
function affinityOf(type: string): ColumnShape['affinity'] {
  if (/INT/i.test(type)) return 'INTEGER'
  if (/CHAR|CLOB|TEXT/i.test(type)) return 'TEXT'
  if (/BLOB|^$/i.test(type)) return 'BLOB'
  if (/REAL|FLOA|DOUB/i.test(type)) return 'REAL'
  return 'NUMERIC'
}
