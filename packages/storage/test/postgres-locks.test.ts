import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgres } from '@tenon/database/postgres'
import { openStorage, type RowStore } from '@tenon/storage'
import { postgresMigrations, postgresRows, type RowTables } from '@tenon/storage/postgres'
import { answerOf, temporaryDatabase, temporaryFolder, wallWorld, withoutPostgres } from '@tenon/testkit'
import { MASTER_KEY } from './opened-storage.ts'

const world = wallWorld()
const quotaBytes = 1_000

async function storeAt(url: string): Promise<RowStore> {
  const store = postgresRows(await openPostgres<RowTables>(url, { migrations: postgresMigrations, world }), world)
  onTestFinished(() => store.close())
  return store
}

/** Settles when somebody waits for a lock of ours. */
async function somebodyWaits(url: string, signal: AbortSignal): Promise<string> {
  const here = '(SELECT oid FROM pg_database WHERE datname = current_database())'
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = ${here}`
  while ((await answerOf(url, waiting)).length === 0) await world.timer(5, signal)
  return 'waits'
}

test.skipIf(withoutPostgres)('a restore waits for what another process changes, and then replaces it', async () => {
  const url = await temporaryDatabase()
  const [store, other] = [await storeAt(url), await storeAt(url)]
  const storage = openStorage({ store, world, masterKeys: { current: MASTER_KEY, former: [] } })
  const notes = storage.kv('notes', { quotaBytes })
  const file = join(temporaryFolder(), 'backup')
  await notes.set('a', 1)
  await storage.backup(file)
  await notes.set('a', 2)
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const over = new AbortController()
  onTestFinished(() => {
    over.abort()
    goOn.resolve()
  })
  const place = { plugin: 'notes', space: 'kv' } as const
  const changed = other.change(place, async (stored) => {
    const row = await stored.row(place, 'a')
    begun.resolve()
    await goOn.promise
    return { changes: row === undefined ? [] : [{ put: row }], bytes: 2 }
  })
  await begun.promise
  const restored = storage.restore(file).then(() => 'went on')
  expect(await Promise.race([restored, somebodyWaits(url, over.signal)])).toBe('waits')
  goOn.resolve()
  await Promise.all([changed, restored])
  expect(await notes.get('a')).toBe(1)
})
