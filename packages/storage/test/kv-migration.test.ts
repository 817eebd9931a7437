import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import type { KeyValue } from '@tenon/storage'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

const RULES = { quotaBytes: 100_000 }

async function opened(folder = temporaryFolder()) {
  const world = simulatedWorld(1)
  const storage = await openedStorage(folder, world)
  onTestFinished(storage.end)
  return { storage, world, folder, kv: storage.kv('notes', RULES), migration: () => storage.migration('notes', RULES) }
}

const all = async (kv: KeyValue): Promise<Record<string, Json | undefined>> =>
  Object.fromEntries(await Promise.all((await kv.list()).map(async (key) => [key, await kv.get(key)] as const)))

test('changes are seen in the migration alone, until they are made at once', async () => {
  const { kv, migration } = await opened()
  await kv.set('a', 1)
  await kv.set('b', 2)
  const moving = migration()
  await moving.kv.set('a', 10)
  await moving.kv.delete('b')
  await moving.kv.set('c', 3)
  await moving.kv.set('d', 4)
  await moving.kv.delete('d')
  expect([await moving.kv.delete('b'), await moving.kv.delete('a')]).toEqual([false, true])
  await moving.kv.set('a', 10)
  expect(await all(moving.kv)).toEqual({ a: 10, c: 3 })
  expect(await all(kv)).toEqual({ a: 1, b: 2 })
  expect([moving.from, moving.changed()]).toEqual([1, 3])
  await moving.commit(2)
  expect(await all(kv)).toEqual({ a: 10, c: 3 })
})

test('what is set to what it was is no change', async () => {
  const { kv, migration } = await opened()
  await kv.set('a', { x: 1, y: 2 })
  const moving = migration()
  await moving.kv.set('a', { y: 2, x: 1 })
  expect(moving.changed()).toBe(0)
})

test('a transaction that is refused leaves no part of it, and later ones are made', async () => {
  const { kv, migration } = await opened()
  await kv.set('a', 1)
  const moving = migration()
  const refused = moving.kv.transaction((changes) => {
    changes.set('a', 2)
    changes.delete('a')
    throw new Error('no')
  })
  await expect(refused).rejects.toThrow('no')
  expect(await moving.kv.compareAndSet('a', 2, 3)).toBe(false)
  expect(await moving.kv.compareAndSet('a', 1, 3)).toBe(true)
  expect(await all(moving.kv)).toEqual({ a: 3 })
})

test('the version is kept with the keys, over a restart and a restore, and is no key', async () => {
  const { storage, kv, migration, folder } = await opened()
  expect(migration().from).toBeUndefined()
  await kv.set('a', 1)
  expect(migration().from).toBe(1)
  await storage.backup(join(folder, 'before.db'))
  await migration().commit(3)
  expect([migration().from, await kv.list(), await migration().kv.list()]).toEqual([3, ['a'], ['a']])
  await storage.end()
  const again = await opened(folder)
  expect(again.migration().from).toBe(3)
  await again.storage.restore(join(folder, 'before.db'))
  expect(again.migration().from).toBe(1)
  await expect(again.kv.get('')).rejects.toMatchObject({ code: 'STORAGE_VALUE_INVALID' })
})

test('a version is noted where nothing is stored', async () => {
  const { kv, migration } = await opened()
  await migration().commit(3)
  expect([migration().from, await kv.list()]).toEqual([3, []])
})

test('the quota is that of the plugin', async () => {
  const { kv, migration } = await opened()
  await kv.set('a', 'x'.repeat(60_000))
  const moving = migration()
  await expect(moving.kv.set('b', 'x'.repeat(60_000))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
  await moving.kv.delete('a')
  await moving.kv.set('b', 'x'.repeat(60_000))
  await expect(moving.kv.set('a', 'x'.repeat(60_000))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
  expect((await moving.kv.usage()).usedBytes).toBe(60_003)
  await moving.commit(2)
  expect((await kv.usage()).usedBytes).toBe(60_004)
})

test('keys are listed in order and by page, changed ones among the others', async () => {
  const { kv, migration } = await opened()
  const name = (n: number): string => `k/${String(n).padStart(5, '0')}`
  const count = limits.kvListMax + 50
  await kv.transaction((changes) => {
    for (let n = 0; n < count; n += 1) changes.set(name(2 * n), 0)
  })
  await kv.set('other', 0)
  const moving = migration()
  for (const n of [1, 3, 2 * count + 1]) await moving.kv.set(name(n), 1)
  for (const n of [0, 2]) await moving.kv.delete(name(n))
  const listed: string[] = []
  for (let page = ['']; page.length > 0; ) {
    page = await moving.kv.list({ prefix: 'k/', after: page.at(-1) ?? '' })
    listed.push(...page)
  }
  const evens = Array.from({ length: count - 2 }, (_, n) => name(2 * n + 4))
  expect(listed).toEqual([name(1), name(3), ...evens, name(2 * count + 1)])
  expect(await moving.kv.list({ prefix: 'k/', after: name(1), limit: 2 })).toEqual([name(3), name(4)])
})

test('what lives for a time does so in and after a migration', async () => {
  const { kv, migration, world } = await opened()
  await kv.set('was', 1, { ttlMs: 100 })
  const moving = migration()
  await moving.kv.set('is', 1, { ttlMs: 200 })
  await moving.kv.set('gone', 1, { ttlMs: 50 })
  expect(await moving.kv.list()).toEqual(['gone', 'is', 'was'])
  await world.advance(100)
  expect([await moving.kv.list(), await moving.kv.get('gone')]).toEqual([['is'], undefined])
  await moving.commit(2)
  expect(await all(kv)).toEqual({ is: 1 })
  await world.advance(100)
  expect(await all(kv)).toEqual({})
})
