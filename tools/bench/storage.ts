import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { openGroupWriter } from '@tenon/database'
import { openStorage, sqliteRows, storageMigrations } from '@tenon/storage'
import { wallWorld } from '@tenon/testkit'
import { interleaved, timed, type Bench, type Subject } from './trials.ts'

let made = 0

/** Another one each time: what is not changed is not written. */
const nextValue = () => ({ text: 'a value of ordinary size', numbers: [1, 2, (made += 1)], nested: { yes: true } })

const OPERATIONS = 200
/** As many callers as a host may well have. */
const AT_ONCE = 10

/** Each trial is the mean of many operations, one after the other; every change is flushed to the disk. */
export const keyValue: Bench = async (folder, { trials, quick }) => {
  const count = quick ? 20 : OPERATIONS
  const world = wallWorld()
  const writer = await openGroupWriter(join(folder, 'storage.db'), { migrations: storageMigrations, world })
  const masterKeys = { current: new Uint8Array(32).fill(1), former: [] }
  const storage = openStorage({ store: sqliteRows(writer), world, masterKeys })
  const kv = storage.kv('bench', { quotaBytes: 64 * 1_048_576 })
  const bare = bareSqlite(join(folder, 'bare.db'))
  const beside = sqliteBeside(join(folder, 'beside.db'))
  const times = (name: string, work: (index: number) => unknown): Subject => ({
    name,
    trial: async () => {
      const all = timed(async () => {
        for (let index = 0; index < count; index += 1) await work(index)
      })
      return { ms: (await all()).ms / count }
    },
  })
  const subjects = [
    times('set', (index) => kv.set(`key-${index}`, nextValue())),
    times('set, bare SQLite', (index) => bare.set(`key-${index}`)),
    times('set, bare SQLite in a thread', (index) => beside.set(`key-${index}`)),
    times('get', (index) => kv.get(`key-${index}`)),
    times('get, bare SQLite', (index) => bare.get(`key-${index}`)),
    times(`set, ${AT_ONCE} at a time`, async (index) => {
      if (index % AT_ONCE === 0)
        await Promise.all(Array.from({ length: AT_ONCE }, (_, more) => kv.set(`key-${index + more}`, nextValue())))
    }),
    times('transaction of ten', (index) =>
      kv.apply({
        changes: Array.from({ length: 10 }, (_, key) => ({ set: `many-${index}-${key}`, value: nextValue() })),
      }),
    ),
    times('transaction of ten, bare SQLite', (index) => bare.setMany(index)),
  ]
  const measured = await interleaved(subjects, trials)
  await storage.close()
  await writer.close()
  bare.close()
  await beside.close()
  return measured
}

const WRITE = 'INSERT INTO kv VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
const TABLE = `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE kv (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT`

/** The same values in a plain table, as durable. */
function bareSqlite(path: string) {
  const database = new DatabaseSync(path)
  database.exec(TABLE)
  const write = database.prepare(WRITE)
  const read = database.prepare('SELECT value FROM kv WHERE key = ?')
  const set = (key: string): void => void write.run(key, JSON.stringify(nextValue()))
  return {
    set,
    get: (key: string): unknown => JSON.parse(String(read.get(key)?.['value'])),
    setMany: (index: number): void => {
      database.exec('BEGIN IMMEDIATE')
      for (let key = 0; key < 10; key += 1) set(`many-${index}-${key}`)
      database.exec('COMMIT')
    },
    close: () => database.close(),
  }
}

/** The same, written by a thread of its own: what it costs that no flush holds up whoever asks. */
function sqliteBeside(path: string) {
  const source = `const { parentPort, workerData } = require('node:worker_threads')
    const database = new (require('node:sqlite').DatabaseSync)(workerData.path)
    database.exec(workerData.table)
    const write = database.prepare(workerData.write)
    parentPort.on('message', (row) => { write.run(...row); parentPort.postMessage(null) })`
  const worker = new Worker(source, { eval: true, workerData: { path, table: TABLE, write: WRITE } })
  return {
    set: async (key: string): Promise<void> => {
      worker.postMessage([key, JSON.stringify(nextValue())], [])
      await once(worker, 'message')
    },
    close: () => worker.terminate(),
  }
}
