import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { assert, limits, type World } from '@tenon/contract'
import { migrate, type Migration } from './migrations.ts'
import { quickCheck } from './quick-check.ts'
import { prepare, preparedOnce, type Prepared } from './prepared.ts'
import type { Columns, RowOf, SqlValue } from './rows.ts'
import { naming } from './sqlite-fault.ts'

/** Reads of a database file. The caller names the columns that its statement gives. */
export type DatabaseReader = {
  readonly path: string
  get<C extends Columns>(columns: C, sql: string, ...params: SqlValue[]): RowOf<C> | undefined
  all<C extends Columns>(columns: C, sql: string, ...params: SqlValue[]): RowOf<C>[]
  /** As `all`, one row after the other, for what is too much to hold. Nothing is written until the last was taken. */
  each<C extends Columns>(columns: C, sql: string, ...params: SqlValue[]): IterableIterator<RowOf<C>>
  /** Throws DATA_FOLDER_CORRUPT with what is wrong when pages or indexes are damaged. */
  quickCheck(): Promise<void>
  close(): void
}

export type Database = DatabaseReader & {
  /** Runs a statement and says how many rows it changed. */
  run(sql: string, ...params: SqlValue[]): number
  /** Runs `work` as one change: all of it, or nothing when it throws. Not to be nested. */
  transaction<T>(work: () => T): T
}

export type DatabaseOptions = {
  migrations: readonly Migration[]
  world: World
  /** Only for tables that can be made anew: a loss of power may take the last commits. */
  durable?: false
  /** What faults call the file; its path unless it is a copy of another. */
  named?: string
  /**
   * Takes the tables that another program made: gives the statements that make them what all migrations would, or throws
   * why they cannot be. Without it such a file is refused.
   */
  adopt?: (tables: DatabaseReader) => string
  /** Called before tables that exist are migrated, with the file as it was. */
  beforeMigration?: () => void
}

/** Where a file is, and what faults call it. */
type Names = { path: string; named: string }

/** Opens or makes a database file and brings it to the newest migration. A file that cannot be used is not touched. */
export function openDatabase(path: string, options: DatabaseOptions): Database {
  const { migrations, world, durable, named = path, adopt, beforeMigration } = options
  const db = connect({ location: path, named: path, readOnly: false }, (connection) => {
    migrate(connection, named, {
      migrations,
      world,
      ...(adopt && { adopt: () => adopt(readsOf(connection, { path, named }, preparedOnce(connection))) }),
      ...(beforeMigration && { beforeChange: beforeMigration }),
    })
    connection.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable === false ? 'NORMAL' : 'FULL'}`)
  })
  return databaseOver(db, { path, named })
}

export function databaseOver(db: DatabaseSync, names: Names): Database {
  const prepared = preparedOnce(db)
  const transaction = <T>(work: () => T): T => {
    assert(!db.isTransaction, 'a transaction is not nested')
    db.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      assert(!(result instanceof Promise), 'the work of a transaction is synchronous')
      db.exec('COMMIT')
      return result
    } catch (thrown) {
      // SQLite itself rolls back on some faults, such as a full disk.
      if (db.isTransaction) db.exec('ROLLBACK')
      throw thrown
    }
  }
  return {
    ...readsOf(db, names, prepared),
    run: (sql, ...params) => naming(names.named, () => Number(prepared(sql).statement.run(...params).changes)),
    transaction: (work) => naming(names.named, () => transaction(work)),
  }
}

/** Opens an existing database for reading only, whatever migrations it has. Faults name `named`. */
export function openReader(path: string, named = path): DatabaseReader {
  const db = connect({ location: path, named: path, readOnly: true })
  return readsOf(db, { path, named }, preparedOnce(db))
}

/** As `openReader`, of a file that nobody changes meanwhile: no lock is taken and no file is made beside it. */
export function openUnchanging(path: string): DatabaseReader {
  const location = pathToFileURL(path)
  location.searchParams.set('immutable', '1')
  const db = connect({ location, named: path, readOnly: true })
  return readsOf(db, { path, named: path }, preparedOnce(db))
}

type Connection = { location: string | URL; named: string; readOnly: boolean }

export function connect(
  { location, named, readOnly }: Connection,
  makeReady: (db: DatabaseSync) => void = () => {},
): DatabaseSync {
  const db = naming(named, () => new DatabaseSync(location, { readOnly, timeout: limits.lockWaitMs }))
  try {
    naming(named, () => {
      db.prepare('SELECT count(*) FROM sqlite_schema').get()
      makeReady(db)
    })
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

function readsOf(db: DatabaseSync, { path, named }: Names, prepared: (sql: string) => Prepared): DatabaseReader {
  return {
    path: named,
    get: (columns, sql, ...params) =>
      naming(named, () => {
        const { statement, rowsAs } = prepared(sql)
        const values = statement.get(...params)
        return values && rowsAs(columns)(values)
      }),
    all: (columns, sql, ...params) =>
      naming(named, () => {
        const { statement, rowsAs } = prepared(sql)
        return statement.all(...params).map(rowsAs(columns))
      }),
    each: (columns, sql, ...params) => rowsOf(db, named, columns, sql, params),
    quickCheck: () => quickCheck(path, named),
    close: () => db.close(),
  }
}

/** A statement of its own, for one that is kept may be run again meanwhile. */
function* rowsOf<C extends Columns>(
  db: DatabaseSync,
  named: string,
  columns: C,
  sql: string,
  params: readonly SqlValue[],
): Generator<RowOf<C>, undefined> {
  const { statement, rowsAs } = naming(named, () => prepare(db, sql))
  const [rows, row] = [naming(named, () => statement.iterate(...params)), rowsAs(columns)]
  for (;;) {
    const next = naming(named, () => rows.next())
    if (next.done === true) return
    yield row(next.value)
  }
}
