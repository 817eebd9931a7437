import { copyFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '@tenon/database'
import { storageMigrations } from '@tenon/storage'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { MASTER_KEY, openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)
const quotaBytes = 100_000

async function opened(masterKey = MASTER_KEY) {
  const folder = temporaryFolder()
  const storage = await openedStorage(folder, world, masterKey)
  onTestFinished(storage.end)
  const kv = storage.kv('notes', { quotaBytes })
  return { storage, folder, kv, path: storage.path, secrets: storage.secrets('notes'), file: join(folder, 'backup') }
}

/** Changes a file of rows behind everybody's back. */
function tamper(path: string, sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

describe('a backup', () => {
  test('is refused where it cannot be, the storage itself included', async () => {
    const { storage, kv, path, folder } = await opened()
    await kv.set('a', 1)
    for (const target of [join(folder, 'absent/backup'), path])
      await expect(storage.backup(target)).rejects.toThrow(expect.objectContaining({ code: 'DATA_FOLDER_UNWRITABLE' }))
    expect(await kv.get('a')).toBe(1)
  })
})

describe('a restore', () => {
  type Case = [string, string, (file: string) => void]
  test.each<Case>([
    ['a file that is not there', 'DATA_FOLDER_UNWRITABLE', () => {}],
    ['what is no database', 'DATA_FOLDER_CORRUPT', (file) => writeFileSync(file, 'dear diary\n'.repeat(500))],
    ['an empty file', 'DATA_FOLDER_FORMAT', (file) => writeFileSync(file, '')],
    ['another database', 'DATA_FOLDER_FORMAT', (file) => tamper(file, 'CREATE TABLE note (id INTEGER)')],
    [
      'a backup of a newer version',
      'DATA_FOLDER_FORMAT',
      (file) =>
        openDatabase(file, {
          migrations: [...storageMigrations, { id: 'storage/99', sql: 'SELECT 1' }],
          world,
        }).close(),
    ],
  ])('refuses %s', async (_what, code, make) => {
    const { storage, kv, file, folder } = await opened()
    await kv.set('a', 1)
    make(file)
    await expect(storage.restore(file)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(file) }),
    )
    expect(await kv.get('a')).toBe(1)
    expect(readdirSync(folder).filter((name) => name.includes('restoring'))).toEqual([])
  })

  test('takes the backup of an older version', async () => {
    const { storage, kv, file } = await opened()
    await kv.set('a', 1)
    await storage.backup(file)
    const [first] = storageMigrations
    const old = `${file}-old`
    openDatabase(old, { migrations: first === undefined ? [] : [first], world }).close()
    tamper(
      old,
      `ATTACH '${file}' AS today;
       INSERT INTO plugin_row SELECT plugin, space, key, value, bytes, checksum FROM today.plugin_row`,
    )
    await kv.set('a', 2)
    await storage.restore(old)
    expect(await kv.get('a')).toBe(1)
    await kv.set('a', 3, { ttlMs: 10 })
  })

  test('after a backup that was copied elsewhere works as well', async () => {
    const { storage, kv, file, folder } = await opened()
    await kv.set('a', 1)
    await storage.backup(file)
    const copied = join(folder, 'copied')
    copyFileSync(file, copied)
    await kv.delete('a')
    await storage.restore(copied)
    expect(await kv.get('a')).toBe(1)
    expect(existsSync(copied)).toBe(true)
  })
})
