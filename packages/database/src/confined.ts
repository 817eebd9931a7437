import { constants } from 'node:sqlite'
import { assert } from '@tenon/contract'
import { authorizerOf, type Confinement } from './confinement.ts'
import { connect, databaseOver, type Database } from './database.ts'
import type { SqlValue } from './rows.ts'
import { naming } from './sqlite-fault.ts'

/** A database for SQL that somebody else wrote: whatever the text says, SQLite itself refuses what is not allowed. */
export type ConfinedDatabase = {
  /** Runs one statement. Throws what `refuse` makes of the first thing that was denied. */
  all(sql: string, ...params: SqlValue[]): Record<string, SqlValue>[]
  run(sql: string, ...params: SqlValue[]): number
  /** Runs our own statements on the same connection, with no bounds; what confined ones changed in a transaction is seen. */
  freely<T>(work: (database: Database) => T): T
  /** A transaction of as many statements as one likes, which may wait for each other. */
  begin(): void
  commit(): void
  /** Does nothing where none is open. */
  rollback(): void
  close(): void
}

/** Opens an existing database. `refuse` gets the denied action and what it was asked for, as `READ scan_nodes path`. */
export function openConfined(
  path: string,
  confinement: Confinement,
  refuse: (denied: string) => Error,
): ConfinedDatabase {
  const db = connect({ location: path, named: path, readOnly: false })
  const authorizer = authorizerOf(confinement)
  let free = false
  db.enableDefensive(true)
  db.setAuthorizer((action, first, second, database) =>
    free || authorizer.allows(action, first, second, database) ? constants.SQLITE_OK : constants.SQLITE_DENY,
  )
  const confined = <T>(work: () => T): T => {
    assert(!free, 'confined SQL does not run among our own')
    authorizer.begin()
    try {
      return naming(path, work)
    } catch (thrown) {
      const denied = authorizer.denied()
      throw denied === undefined ? thrown : refuse(denied)
    }
  }
  const freely = <T>(work: () => T): T => {
    free = true
    try {
      return work()
    } finally {
      free = false
    }
  }
  const own = databaseOver(db, { path, named: path })
  return {
    all: (sql, ...params) =>
      confined(() =>
        db
          .prepare(sql)
          .all(...params)
          .map((row) => ({ ...row })),
      ),
    run: (sql, ...params) => confined(() => Number(db.prepare(sql).run(...params).changes)),
    freely: (work) => freely(() => work(own)),
    begin: () => freely(() => void own.run('BEGIN IMMEDIATE')),
    commit: () => freely(() => void own.run('COMMIT')),
    rollback: () => freely(() => void (db.isOpen && db.isTransaction && own.run('ROLLBACK'))),
    close: () => db.close(),
  }
}
