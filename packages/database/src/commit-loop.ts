import type { SqlValue } from './rows.ts'
import type { SqliteFailure } from './sqlite-fault.ts'

export type Statement = { sql: string; params: SqlValue[] }
/** What one call of `write` wants done together. */
export type Batch = Statement[]
/** `attached` is another database, read as the schema `attached`. */
export type WriterOrder = { group: Batch[]; attached: string | undefined } | { close: true }
/** `settled` has an entry for every batch of the group, in order. */
export type WriterReport = { ready: true } | { failed: SqliteFailure } | { settled: (SqliteFailure | undefined)[] }

/** The whole of the writing thread. */
/* v8 ignore start -- coverage cannot see a function that runs from its text */
export function commitLoop(
  sqlite: typeof import('node:sqlite'),
  { parentPort: port, workerData }: typeof import('node:worker_threads'),
): void {
  const report = (message: WriterReport): void => port?.postMessage(message)
  const failure = (thrown: unknown): SqliteFailure => {
    const { message, errcode } = thrown as Partial<SqliteFailure>
    return { message: message ?? String(thrown), errcode: errcode ?? 0 }
  }
  const statements = new Map<string, import('node:sqlite').StatementSync>()
  let db: import('node:sqlite').DatabaseSync

  const open = (): void => {
    db = new sqlite.DatabaseSync(workerData.path, { timeout: workerData.lockWaitMs })
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  }
  const run = ({ sql, params }: Statement): void => {
    let statement = statements.get(sql)
    if (statement === undefined) statements.set(sql, (statement = db.prepare(sql)))
    statement.run(...params)
  }
  const say = (sql: string): void => run({ sql, params: [] })
  /** A batch that is alone is undone with its transaction. */
  const runAll = (batch: Batch): undefined => {
    for (const statement of batch) run(statement)
  }
  /** A batch that fails is undone alone, unless SQLite gave up the whole transaction. */
  const attempt = (batch: Batch): SqliteFailure | undefined => {
    say('SAVEPOINT batch')
    try {
      runAll(batch)
      say('RELEASE batch')
      return undefined
    } catch (thrown) {
      if (!db.isTransaction) throw thrown
      db.exec('ROLLBACK TO batch; RELEASE batch')
      return failure(thrown)
    }
  }
  const isAttached = (): boolean =>
    db.prepare("SELECT 1 FROM pragma_database_list WHERE name = 'attached'").get() !== undefined
  const commit = (group: Batch[], attached: string | undefined): (SqliteFailure | undefined)[] => {
    try {
      if (attached !== undefined) run({ sql: 'ATTACH ? AS attached', params: [attached] })
      say('BEGIN IMMEDIATE')
      const settled = group.map(group.length === 1 ? runAll : attempt)
      say('COMMIT')
      return settled
    } catch (thrown) {
      if (db.isTransaction) db.exec('ROLLBACK')
      return group.map(() => failure(thrown))
    } finally {
      if (attached !== undefined && isAttached()) db.exec('DETACH attached')
    }
  }

  port?.on('message', (order: WriterOrder) => {
    if ('group' in order) return report({ settled: commit(order.group, order.attached) })
    db.close()
    port.close()
  })
  try {
    open()
    report({ ready: true })
  } catch (thrown) {
    report({ failed: failure(thrown) })
  }
}
/* v8 ignore stop */
