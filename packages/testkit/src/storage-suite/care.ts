import { truncateSync, statSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import type { Storage } from '@tenon/storage'
import { temporaryFolder } from '../temporary-folder.ts'
import { beside, only, opened, QUOTA_BYTES as quotaBytes, refusal, type Claims, type StorageMeans } from './means.ts'

const by = { who: 'owner', why: 'a test' }
const settings = { title: { type: 'single-string', label: 'Title' } } as const

/** The claims on damage, backups and restores. */
export const careClaims: Claims = {
  damage: damageClaims,
  'a backup': backupClaims,
  'a backup that is restored': returnClaims,
  'a restore': restoreClaims,
}

function damageClaims(means: StorageMeans): void {
  test('in a row is named, and a new value heals it', async () => {
    const before = await opened(means)
    await before.notes.set('a', 'secret plan')
    await before.notes.set('b', 2)
    await before.end()
    await means.tamper(before.place, "UPDATE plugin_row SET value = replace(value, 'plan', 'flan') WHERE key = 'a'")
    const { notes } = await opened(means, { place: before.place })
    const corrupt = refusal('DATA_FOLDER_CORRUPT', { message: expect.stringMatching(/: the kv row "a" of notes/) })
    await expect(notes.get('a')).rejects.toThrow(corrupt)
    await expect(notes.compareAndSet('a', 'secret flan', 1)).rejects.toThrow(corrupt)
    expect(await notes.get('b')).toBe(2)
    await notes.set('a', 'new')
    expect(await notes.get('a')).toBe('new')
  })

  test.each([
    ['the value', "value = replace(value, 'plan', 'flan')"],
    ['the size', 'bytes = 1'],
    ['the checksum', 'checksum = substr(checksum, 2)'],
    ['the plugin', "plugin = 'other'"],
    ['the space', "space = 'config'"],
    ['the key', "key = 'moved'"],
    ['the end', 'expires_at = 9000000000000000'],
  ])('is found wherever it is: in %s', async (_what, change) => {
    const { notes, storage, place } = await opened(means)
    const others = Array.from({ length: 120 }, (_, n) => notes.set(`k${n}`, n))
    await Promise.all([...others, notes.set('a', 'plan'), storage.secrets('notes').set('a', 'x')])
    expect(await storage.damaged()).toEqual([])
    await means.tamper(place, `UPDATE plugin_row SET ${change} WHERE key = 'a' AND space = 'kv'`)
    expect(await storage.damaged()).toEqual([
      {
        plugin: change.startsWith('plugin') ? 'other' : 'notes',
        space: change.startsWith('space') ? 'config' : 'kv',
        key: change.startsWith('key') ? 'moved' : 'a',
      },
    ])
  })
}

function backupClaims(means: StorageMeans): void {
  test('is one file that its owner alone may read, and takes the place of the one before', async () => {
    const { storage, notes } = await opened(means)
    const folder = temporaryFolder()
    const file = join(folder, 'backup')
    for (const value of [1, 2]) {
      await notes.set('a', value)
      await storage.backup(file)
    }
    expect(readdirSync(folder)).toEqual(['backup'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    await notes.set('a', 3)
    await storage.restore(file)
    expect(await notes.get('a')).toBe(2)
    expect(readdirSync(folder)).toEqual(['backup'])
  })

  test('is of one moment, whatever is changed meanwhile', async () => {
    const [{ storage }, other] = [await opened(means), await opened(means)]
    const file = join(temporaryFolder(), 'backup')
    const kvOf = (one: Storage) => one.kv('pairs', { quotaBytes: 1e6 })
    const pair = (n: number) => ['left', 'right'].map((half) => ({ set: `${half}-${n}`, value: 'x'.repeat(100) }))
    await kvOf(storage).apply({ changes: Array.from({ length: 400 }, (_, n) => pair(n)).flat() })
    const backup = storage.backup(file)
    const over = new AbortController()
    const settle = (): void => over.abort()
    backup.then(settle, settle)
    for (let n = 400; n < 900 && !over.signal.aborted; n += 1) await kvOf(storage).apply({ changes: pair(n) })
    await backup
    await other.storage.restore(file)
    const halves = async (half: string) =>
      (await kvOf(other.storage).list({ prefix: half })).map((key) => key.replace(half, ''))
    expect(await halves('left')).toEqual(await halves('right'))
    expect((await halves('left')).length).toBeGreaterThanOrEqual(400)
  })

  test('is not taken of damaged rows, which are named, and leaves the one before', async () => {
    const { storage, notes, place } = await opened(means)
    const folder = temporaryFolder()
    const file = join(folder, 'backup')
    for (const key of ['a', 'b']) await notes.set(key, 'plan')
    await storage.backup(file)
    const before = statSync(file).mtimeMs
    await means.tamper(place, "UPDATE plugin_row SET value = replace(value, 'plan', 'flan')")
    const rows = ['a', 'b'].map((key) => ({ plugin: 'notes', space: 'kv', key }))
    const message = expect.stringMatching(
      /: the kv row "a" of notes does not have its checksum, and 1 more rows like it$/,
    )
    await expect(storage.backup(file)).rejects.toThrow(
      refusal('DATA_FOLDER_CORRUPT', { message, details: expect.objectContaining({ rows }) }),
    )
    expect(statSync(file).mtimeMs).toBe(before)
    expect(readdirSync(folder)).toEqual(['backup'])
    await expect(storage.backup(join(folder, 'absent/backup'))).rejects.toThrow(refusal('DATA_FOLDER_UNWRITABLE'))
  })
}

function returnClaims(means: StorageMeans): void {
  test('brings back everything as it was, and nothing of what came later, wherever it is restored', async () => {
    const { storage, notes } = await opened(means)
    const file = join(temporaryFolder(), 'backup')
    const [config, secrets] = [storage.config('notes', settings), storage.secrets('notes')]
    await notes.set('a', 1)
    await notes.set('b\u0000', { deep: ['é'] }, { ttlMs: 1_000 })
    await secrets.set('token', 'hunter2')
    await config.set({ title: 'before' }, by)
    await storage.backup(file)
    await notes.set('a', 2)
    await notes.set('later', 'x'.repeat(5_000))
    await storage.kv('other', { quotaBytes }).set('a', 1)
    await secrets.delete('token')
    await config.set({ title: 'after' }, by)
    await storage.restore(file)
    const elsewhere = (await opened(means)).storage
    await elsewhere.restore(file)
    for (const one of [storage, elsewhere]) {
      const kv = one.kv('notes', { quotaBytes })
      expect([await kv.list(), await kv.get('a'), await kv.get('b\u0000')]).toEqual([
        ['a', 'b\u0000'],
        1,
        { deep: ['é'] },
      ])
      expect(await one.kv('other', { quotaBytes }).list()).toEqual([])
      expect(await one.secrets('notes').get('token')).toBe('hunter2')
      expect(await one.config('notes', settings).forPlugin()).toEqual({ title: 'before' })
      expect((await kv.usage()).usedBytes).toBe(19)
      await kv.set('again', 'x'.repeat(9_900))
    }
  })
}

function damageRow(file: string): void {
  using db = new DatabaseSync(file)
  db.exec("UPDATE plugin_row SET value = replace(value, 'x', 'y')")
}

function restoreClaims(means: StorageMeans): void {
  type Damage = [string, string, (file: string) => void]
  test.each<Damage>([
    ['in which a row is damaged', 'DATA_FOLDER_CORRUPT', (file) => damageRow(file)],
    ['that is cut off', 'DATA_FOLDER_CORRUPT', (file) => truncateSync(file, statSync(file).size - 4096)],
    ['that is no database', 'DATA_FOLDER_CORRUPT', (file) => writeFileSync(file, 'dear diary\n'.repeat(500))],
    ['that is empty', 'DATA_FOLDER_FORMAT', (file) => truncateSync(file, 0)],
  ])('refuses a file %s, and changes nothing', async (_what, code, damage) => {
    const { storage, notes } = await opened(means)
    const folder = temporaryFolder()
    const file = join(folder, 'backup')
    await notes.set('b', 'x'.repeat(9_000))
    await storage.backup(file)
    await notes.set('a', 3)
    damage(file)
    await expect(storage.restore(file)).rejects.toThrow(refusal(code, { message: expect.stringContaining(file) }))
    expect(await notes.get('a')).toBe(3)
    expect(readdirSync(folder)).toEqual(['backup'])
  })

  test('refuses a backup whose secrets the master key does not open', async () => {
    const { storage } = await opened(means, { masterKeys: only(new Uint8Array(32)) })
    const file = join(temporaryFolder(), 'backup')
    await storage.secrets('notes').set('token', 'hunter2')
    await storage.backup(file)
    const other = (await opened(means)).storage
    await other.secrets('notes').set('token', 'mine')
    await expect(other.restore(file)).rejects.toThrow(refusal('KEY_INVALID'))
    expect(await other.secrets('notes').get('token')).toBe('mine')
    expect(existsSync(file)).toBe(true)
  })

  test('comes wholly before or after a change, and the count of bytes stays true', async () => {
    const { storage, notes } = await opened(means)
    const file = join(temporaryFolder(), 'backup')
    await notes.set('kept', 'x'.repeat(100))
    await storage.backup(file)
    const changes = Array.from({ length: 60 }, async (_, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      await notes.set(`k${n}`, n)
    })
    await Promise.all([storage.restore(file), ...changes])
    const keys = await notes.list()
    const values = await Promise.all(keys.map((key) => notes.get(key)))
    const bytes = keys.reduce((sum, key, n) => sum + key.length + JSON.stringify(values[n]).length, 0)
    expect(await notes.usage()).toEqual({ usedBytes: bytes, quotaBytes })
    const room = quotaBytes - bytes
    await expect(notes.set('z', 'x'.repeat(room - 2))).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
    await notes.set('z', 'x'.repeat(room - 3))
  })

  test('leaves no secret that does not open, whatever was set meanwhile', async () => {
    const { storage, place } = await opened(means)
    const other = await beside(means, place, storage)
    const file = join(temporaryFolder(), 'backup')
    await storage.backup(file)
    const names = Array.from({ length: 60 }, (_, n) => `plugin-${n}`)
    const set = names.map(async (name, n) => {
      for (let turn = 0; turn < n; turn += 1) await new Promise(setImmediate)
      await other.secrets(name).set('token', name)
    })
    await Promise.allSettled([storage.restore(file), ...set])
    for (const name of names)
      if ((await storage.secrets(name).list()).length > 0)
        expect(await storage.secrets(name).get('token'), name).toBe(name)
  })
}
