import { once } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import type { Json } from '@tenon/contract'

type Row = { key: string; value: Json }

export type BareSqlite = ReturnType<typeof bareSqlite>

const WRITE = 'INSERT INTO kv VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
const TABLE = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`

/** Values in a plain table, as durable as ours. */
export function bareSqlite(path: string) {
  const database = new DatabaseSync(path)
  database.exec(TABLE)
  const write = database.prepare(WRITE)
  const read = database.prepare('SELECT value FROM kv WHERE key = ?')
  return {
    get: (key: string): unknown => JSON.parse(String(read.get(key)?.['value'])),
    set(rows: readonly Row[]): void {
      if (rows.length > 1) database.exec('BEGIN IMMEDIATE')
      for (const { key, value } of rows) write.run(key, JSON.stringify(value))
      if (rows.length > 1) database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

/** The same, written by a thread of its own: what it costs that no flush holds up whoever asks. */
export function sqliteBeside(path: string) {
  const source = `const { parentPort, workerData } = require('node:worker_threads')
    const database = new (require('node:sqlite').DatabaseSync)(workerData.path)
    database.exec(workerData.table)
    const write = database.prepare(workerData.write)
    parentPort.on('message', (row) => { write.run(...row); parentPort.postMessage(null) })`
  const worker = new Worker(source, { eval: true, workerData: { path, table: TABLE, write: WRITE } })
  return {
    set: async ({ key, value }: Row): Promise<void> => {
      worker.postMessage([key, JSON.stringify(value)], [])
      await once(worker, 'message')
    },
    close: () => worker.terminate(),
  }
}
