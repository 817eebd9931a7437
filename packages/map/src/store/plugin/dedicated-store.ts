import { TenonError, type Json } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import { openConfined, type ConfinedDatabase, type SqlValue } from '@tenon/database'
import { quotedName } from '../quoted-name.ts'
import { pluginTables, type PluginTables } from './plugin-tables.ts'
import { sqlStatements } from './sql-statements.ts'
import { storageError } from './storage-error.ts'

type SqlRow = Record<string, SqlValue>

/** SQL over a plugin's own tables, one statement a call. All else is a `ScopedDbViolationError`. */
export type ScopedDatabase = {
  all(sql: string, ...params: SqlValue[]): Promise<SqlRow[]>
  get(sql: string, ...params: SqlValue[]): Promise<SqlRow | undefined>
  /** Says how many rows were changed. */
  run(sql: string, ...params: SqlValue[]): Promise<number>
}

export type DedicatedStore = {
  readonly db: ScopedDatabase & {
    /** Keeps all that `work` does through the handle that it is given, or nothing. Not to be nested. */
    transaction<T>(work: (db: ScopedDatabase) => Promise<T>): Promise<T>
  }
  /** Puts a row in the place of one with the same key, if it fits the schema of the table. */
  write(table: string, row: Readonly<Record<string, Json>>): Promise<void>
  /** Undoes a transaction that is still open. */
  close(): void
}

export type DedicatedOwner = {
  pluginId: string
  tables: readonly string[]
  /** By declared name. */
  schemas?: Readonly<Record<string, Validator<Json>>>
}

/** Opens the tables that the migrations of a plugin have made. The boundary is SQLite's own, whatever the SQL says. */
export function openDedicatedStore(
  path: string,
  { pluginId, tables: declared, schemas = {} }: DedicatedOwner,
): DedicatedStore {
  const tables = pluginTables(pluginId, declared)
  const own = new Set(tables.names.values())
  const database = openConfined(path, { table: (name) => own.has(name.toLowerCase()) }, (denied) =>
    violation(`${denied} is not allowed: it is nothing of ${pluginId}`),
  )
  const direct = scopedDatabase(database)
  let open = false
  const outside = <T>(work: () => Promise<T>): Promise<T> =>
    open
      ? Promise.reject(violation('a transaction is open, and only the handle that it was given may be used'))
      : work()
  const transaction = async <T>(work: (db: ScopedDatabase) => Promise<T>): Promise<T> => {
    open = true
    try {
      return await inTransaction(database, () => work(direct))
    } finally {
      open = false
    }
  }
  return {
    db: {
      all: (...asked) => outside(() => direct.all(...asked)),
      get: (...asked) => outside(() => direct.get(...asked)),
      run: (...asked) => outside(() => direct.run(...asked)),
      transaction: (work) => outside(() => transaction(work)),
    },
    write: (table, row) => outside(async () => void (await direct.run(...insertion(tables, schemas, table, row)))),
    close: () => database.close(),
  }
}

async function inTransaction<T>(database: ConfinedDatabase, work: () => Promise<T>): Promise<T> {
  database.begin()
  try {
    const result = await work()
    database.commit()
    return result
  } catch (thrown) {
    database.rollback()
    throw thrown
  }
}

const scopedDatabase = (database: ConfinedDatabase): ScopedDatabase => ({
  all: async (sql, ...params) => database.all(single(sql), ...params),
  get: async (sql, ...params) => database.all(single(sql), ...params)[0],
  run: async (sql, ...params) => database.run(single(sql), ...params),
})

/** SQLite would leave out what follows the first statement, in silence. */
function single(sql: string): string {
  const { length } = sqlStatements(sql)
  if (length !== 1) throw violation(`${length} statements in one call; there must be one`)
  return sql
}

function insertion(
  { names, pluginId }: PluginTables,
  schemas: Readonly<Record<string, Validator<Json>>>,
  table: string,
  row: Readonly<Record<string, Json>>,
): [sql: string, ...values: SqlValue[]] {
  const name = names.get(table)
  if (name === undefined) throw violation(`${JSON.stringify(table)} is no table of ${pluginId}`)
  const problems = (Object.hasOwn(schemas, table) ? schemas[table] : undefined)?.problems({ ...row }) ?? []
  if (problems.length > 0)
    throw new TenonError(
      'STORAGE_VALUE_INVALID',
      `a row does not fit the schema of ${table}: ${problems.map(({ pointer, message }) => `${pointer}: ${message}`).join('; ')}`,
      { problems },
    )
  const columns = Object.keys(row).map(quotedName)
  const sql = `INSERT OR REPLACE INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  return [sql, ...Object.values(row).map(sqlValueOf)]
}

/** Lists and objects are kept as JSON. A number would be kept as a fraction where its column does not say that it is whole. */
const sqlValueOf = (value: Json): SqlValue => {
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return BigInt(value as boolean | number)
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : value
}

const violation = (message: string): TenonError => storageError('ScopedDbViolationError', message)
