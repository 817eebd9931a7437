import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openGroupWriter } from '@tenon/database'
import { openStorage, sqliteRows, storageMigrations, type MasterKeys } from '@tenon/storage'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { MASTER_KEY, openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)
const NEXT = new Uint8Array(32).fill(8)
const only = (current: Uint8Array): MasterKeys => ({ current, former: [] })

async function opened(folder = temporaryFolder(), masterKey = MASTER_KEY, former: Uint8Array[] = []) {
  const storage = await openedStorage(folder, world, masterKey, former)
  onTestFinished(storage.end)
  return { storage, folder, path: storage.path, end: storage.end, secrets: storage.secrets('notes') }
}

/** Does something to the rows behind everybody's back. */
function tamper(path: string, sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

const invalid = expect.objectContaining({ code: 'KEY_INVALID' })

test('a data key that is on its way to the disk when the rotation begins is sealed anew with the others', async () => {
  const { storage, folder, end, secrets } = await opened()
  const set = secrets.set('token', 'hunter2')
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  await Promise.all([storage.rotateMasterKey(only(NEXT)), set])
  await end()
  expect(await (await opened(folder, NEXT)).secrets.get('token')).toBe('hunter2')
})

test('nothing is changed when one data key does not open or is damaged, and it is named', async () => {
  const { storage, path, secrets } = await opened()
  await secrets.set('token', 'hunter2')
  await storage.secrets('other').set('token', 'x')
  tamper(path, "UPDATE plugin_row SET value = '\"?\"' WHERE space = 'secret-key' AND plugin = 'other'")
  await expect(storage.rotateMasterKey(only(NEXT))).rejects.toThrow(
    expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT', message: expect.stringContaining('of other') }),
  )
  tamper(path, "DELETE FROM plugin_row WHERE plugin = 'other'")
  const foreign = await opened(temporaryFolder(), NEXT)
  await foreign.storage.secrets('other').set('token', 'y')
  tamper(path, `ATTACH '${foreign.path}' AS foreign_one; INSERT INTO plugin_row SELECT * FROM foreign_one.plugin_row`)
  await expect(storage.rotateMasterKey(only(new Uint8Array(32)))).rejects.toThrow(
    expect.objectContaining({ code: 'KEY_INVALID', message: expect.stringContaining('of other') }),
  )
  expect(await secrets.get('token')).toBe('hunter2')
})

test('a rotation that cannot be written leaves the old key in use', async () => {
  const { storage, folder, path, end, secrets } = await opened()
  await secrets.set('token', 'hunter2')
  tamper(path, "CREATE TRIGGER full BEFORE INSERT ON plugin_row BEGIN SELECT RAISE(ABORT, 'no space'); END")
  await expect(storage.rotateMasterKey(only(NEXT))).rejects.toThrow('no space')
  tamper(path, 'DROP TRIGGER full')
  await storage.secrets('later').set('token', 'x')
  await end()
  const again = await opened(folder)
  expect([await again.secrets.get('token'), await again.storage.secrets('later').get('token')]).toEqual([
    'hunter2',
    'x',
  ])
})

test('a backup of before is restored while its key is known, and is sealed anew by the next rotation', async () => {
  const { storage, folder, secrets, end } = await opened()
  const file = join(folder, 'backup')
  await secrets.set('token', 'hunter2')
  await storage.backup(file)
  await storage.rotateMasterKey(only(NEXT))
  await expect(storage.restore(file)).rejects.toThrow(invalid)
  await end()
  const both = await opened(folder, NEXT, [MASTER_KEY])
  await both.storage.restore(file)
  await both.storage.rotateMasterKey(only(NEXT))
  await both.end()
  expect(await (await opened(folder, NEXT)).secrets.get('token')).toBe('hunter2')
})

test('a secret that is being read when a new master key comes still opens', async () => {
  const writer = await openGroupWriter(join(temporaryFolder(), 'storage.db'), { migrations: storageMigrations, world })
  onTestFinished(() => writer.close())
  const store = sqliteRows(writer)
  const [read, rotated] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let isSlow = false
  const row: typeof store.row = async (place, key) => {
    const found = await store.row(place, key)
    if (place.space === 'secret-key' && isSlow) {
      read.resolve()
      await rotated.promise
    }
    return found
  }
  const storage = openStorage({ store: { ...store, row }, world, masterKeys: only(MASTER_KEY) })
  onTestFinished(() => storage.close())
  await storage.secrets('notes').set('token', 'hunter2')
  isSlow = true
  const reading = storage.secrets('notes').get('token')
  await read.promise
  await storage.rotateMasterKey(only(NEXT))
  rotated.resolve()
  expect(await reading).toBe('hunter2')
})

test('a master key of another length is a fault of ours', async () => {
  const { storage, secrets, path } = await opened()
  await expect(storage.rotateMasterKey(only(new Uint8Array(16)))).rejects.toThrow('32 bytes')
  await secrets.set('token', 'hunter2')
  const writer = await openGroupWriter(path, { migrations: storageMigrations, world })
  expect(() => openStorage({ store: sqliteRows(writer), world, masterKeys: only(new Uint8Array(16)) })).toThrow(
    '32 bytes',
  )
  await writer.close()
})
