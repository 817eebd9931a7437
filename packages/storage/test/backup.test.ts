import { copyFileSync, existsSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '@tenon/database'
import { storageMigrations } from '@tenon/storage'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { MASTER_KEY, openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)
const quotaBytes = 100_000
const by = { who: 'owner', why: 'a test' }
const settings = { title: { type: 'single-string', label: 'Title' } } as const

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
  test('brings back everything as it was, and nothing of what came later', async () => {
    const { storage, kv, secrets, file } = await opened()
    const config = storage.config('notes', settings)
    await kv.set('a', 1)
    await kv.set('b', { deep: ['é'] })
    await secrets.set('token', 'hunter2')
    await config.set({ title: 'before' }, by)
    await storage.backup(file)
    await kv.set('a', 2)
    await kv.set('later', 'x'.repeat(50_000))
    await storage.kv('other', { quotaBytes }).set('a', 1)
    await secrets.delete('token')
    await config.set({ title: 'after' }, by)
    await storage.restore(file)
    expect([await kv.list(), await kv.get('a'), await kv.get('b')]).toEqual([['a', 'b'], 1, { deep: ['é'] }])
    expect(await storage.kv('other', { quotaBytes }).list()).toEqual([])
    expect(await secrets.get('token')).toBe('hunter2')
    expect(await config.forPlugin()).toEqual({ title: 'before' })
    expect(await kv.usage()).toEqual({ usedBytes: 18, quotaBytes })
    await kv.set('again', 'x'.repeat(90_000))
  })

  test('is one file that its owner alone may read, and takes the place of the one before', async () => {
    const { storage, kv, folder, file } = await opened()
    for (const value of [1, 2]) {
      await kv.set('a', value)
      await storage.backup(file)
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual(['backup'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await kv.set('a', 3)
    await storage.restore(file)
    expect(await kv.get('a')).toBe(2)
    expect(readdirSync(folder).filter((name) => !name.startsWith('storage.db-'))).toEqual(['backup', 'storage.db'])
  })

  test('is of one moment, whatever is changed meanwhile', async () => {
    const { storage, kv, file } = await opened()
    const pair = (n: number) =>
      kv.apply({ changes: ['left', 'right'].map((half) => ({ set: `${half}-${n}`, value: n })) })
    await pair(0)
    const written = Array.from({ length: 40 }, async (_, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      return pair(n + 1)
    })
    await storage.backup(file)
    await Promise.all(written)
    const other = await opened()
    await other.storage.restore(file)
    const keys = await other.kv.list()
    const halves = (half: string) => keys.filter((key) => key.startsWith(half)).map((key) => key.split('-')[1])
    expect(halves('left')).toContain('0')
    expect(halves('left')).toEqual(halves('right'))
  })

  test('is not taken of damaged rows, which are named, and leaves the one before', async () => {
    const { storage, kv, path, folder, file } = await opened()
    await kv.set('a', 'plan')
    await kv.set('b', 'plan')
    await storage.backup(file)
    const before = statSync(file).mtimeMs
    tamper(path, "UPDATE plugin_row SET value = replace(value, 'plan', 'flan')")
    await expect(storage.backup(file)).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_FOLDER_CORRUPT',
        message: `${path}: the kv row "a" of notes does not have its checksum, and 1 more rows like it`,
        details: expect.objectContaining({ rows: ['a', 'b'].map((key) => ({ plugin: 'notes', space: 'kv', key })) }),
      }),
    )
    expect(statSync(file).mtimeMs).toBe(before)
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual(['backup'])
  })

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

  test.each<Case>([
    ['a row', 'DATA_FOLDER_CORRUPT', (file) => tamper(file, "UPDATE plugin_row SET value = '2' WHERE key = 'a'")],
    ['a page', 'DATA_FOLDER_CORRUPT', (file) => truncateSync(file, statSync(file).size - 4096)],
  ])('refuses a backup of which %s is damaged', async (_what, code, damage) => {
    const { storage, kv, file } = await opened()
    await kv.set('a', 1)
    await kv.set('b', 'x'.repeat(20_000))
    await storage.backup(file)
    await kv.set('a', 3)
    damage(file)
    await expect(storage.restore(file)).rejects.toThrow(expect.objectContaining({ code }))
    expect(await kv.get('a')).toBe(3)
  })

  test('refuses a backup whose secrets the master key does not open', async () => {
    const { storage, kv, secrets, file } = await opened(new Uint8Array(32))
    await secrets.set('token', 'hunter2')
    await storage.backup(file)
    const other = await opened()
    await other.secrets.set('token', 'mine')
    await other.kv.set('a', 1)
    await expect(other.storage.restore(file)).rejects.toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
    expect(await other.secrets.get('token')).toBe('mine')
    expect(await kv.get('a')).toBeUndefined()
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

  test('comes wholly before or after a change, and the count of bytes stays true', async () => {
    const { storage, kv, file } = await opened()
    await kv.set('kept', 'x'.repeat(100))
    await storage.backup(file)
    const changes = Array.from({ length: 60 }, async (_, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      await kv.set(`k${n}`, n)
    })
    await Promise.all([storage.restore(file), ...changes])
    const keys = await kv.list()
    const values = await Promise.all(keys.map((key) => kv.get(key)))
    const bytes = keys.reduce((sum, key, n) => sum + key.length + JSON.stringify(values[n]).length, 0)
    expect(await kv.usage()).toEqual({ usedBytes: bytes, quotaBytes })
    const room = quotaBytes - bytes
    await expect(kv.set('z', 'x'.repeat(room - 2))).rejects.toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED' }))
    await kv.set('z', 'x'.repeat(room - 3))
  })

  test('leaves no secret that does not open, whatever was set meanwhile', async () => {
    const { storage, file } = await opened()
    await storage.backup(file)
    const names = Array.from({ length: 60 }, (_, n) => `plugin-${n}`)
    const set = names.map(async (name, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      await storage.secrets(name).set('token', name)
    })
    await Promise.allSettled([storage.restore(file), ...set])
    for (const name of names)
      if ((await storage.secrets(name).list()).length > 0)
        expect(await storage.secrets(name).get('token'), name).toBe(name)
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
