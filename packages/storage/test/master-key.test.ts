import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { openGroupWriter } from '@tenon/database'
import { openStorage, storageMigrations, type MasterKeys } from '@tenon/storage'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { MASTER_KEY, openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)
const NEXT = new Uint8Array(32).fill(8)
const only = (current: Uint8Array): MasterKeys => ({ current, former: [] })
const by = { who: 'owner', why: 'a test' }
const settings = { token: { type: 'secret', label: 'Token' } } as const

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

test('a new master key opens every secret, at once and after a restart, and the old one none', async () => {
  const { storage, folder, end, secrets } = await opened()
  const config = storage.config('other', settings)
  await secrets.set('token', 'hunter2')
  await config.set({ token: 'hunter3' }, by)
  await storage.rotateMasterKey(only(NEXT))
  expect([await secrets.get('token'), await config.forPlugin()]).toEqual(['hunter2', { token: 'hunter3' }])
  await secrets.set('second', 'x')
  await storage.secrets('third').set('token', 'y')
  await end()
  const again = await opened(folder, NEXT)
  expect([await again.secrets.get('token'), await again.secrets.get('second')]).toEqual(['hunter2', 'x'])
  expect(await again.storage.secrets('third').get('token')).toBe('y')
  await again.end()
  const old = await opened(folder)
  await expect(old.secrets.get('token')).rejects.toThrow(invalid)
  await expect(old.storage.secrets('third').get('token')).rejects.toThrow(invalid)
})

test('secrets are read and written all the while, by plugins new and old', async () => {
  const { storage, folder, end, secrets } = await opened()
  await secrets.set('token', 'hunter2')
  const turns = Array.from({ length: 30 }, async (_, n) => {
    for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
    expect(await secrets.get('token')).toBe('hunter2')
    await secrets.set(`k${n}`, `${n}`)
    await storage.secrets(`plugin-${n}`).set('token', `${n}`)
  })
  await Promise.all([storage.rotateMasterKey(only(NEXT)), ...turns])
  await storage.rotateMasterKey(only(MASTER_KEY))
  await storage.rotateMasterKey(only(NEXT))
  await end()
  const again = await opened(folder, NEXT)
  for (let n = 0; n < 30; n += 1) {
    expect(await again.secrets.get(`k${n}`)).toBe(`${n}`)
    expect(await again.storage.secrets(`plugin-${n}`).get('token')).toBe(`${n}`)
  }
})

test('a data key that is on its way to the disk when the rotation begins is sealed anew with the others', async () => {
  const { storage, folder, end, secrets } = await opened()
  const set = secrets.set('token', 'hunter2')
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  await Promise.all([storage.rotateMasterKey(only(NEXT)), set])
  await end()
  expect(await (await opened(folder, NEXT)).secrets.get('token')).toBe('hunter2')
})

test.each(['before', 'after'])(
  'a kill %s the commit is made good by opening with both keys and rotating again',
  async (when) => {
    const { storage, folder, end, secrets } = await opened()
    await secrets.set('token', 'hunter2')
    if (when === 'after') await storage.rotateMasterKey(only(NEXT))
    await end()
    const both = await opened(folder, NEXT, [MASTER_KEY])
    expect(await both.secrets.get('token')).toBe('hunter2')
    await both.storage.rotateMasterKey(only(NEXT))
    expect(await both.secrets.get('token')).toBe('hunter2')
    await both.end()
    expect(await (await opened(folder, NEXT)).secrets.get('token')).toBe('hunter2')
  },
)

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

test('a master key of another length is a fault of ours', async () => {
  const { storage, secrets, path } = await opened()
  await expect(storage.rotateMasterKey(only(new Uint8Array(16)))).rejects.toThrow('32 bytes')
  await secrets.set('token', 'hunter2')
  const writer = await openGroupWriter(path, { migrations: storageMigrations, world })
  expect(() => openStorage({ writer, world, masterKeys: only(new Uint8Array(16)) })).toThrow('32 bytes')
  await writer.close()
})
