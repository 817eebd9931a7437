import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import type { KeyValue } from '@tenon/storage'
import { temporaryFolder } from '../temporary-folder.ts'
import { opened, refusal, type Claims, type StorageMeans } from './means.ts'

const RULES = { quotaBytes: 100_000 }

/** The claims on bringing keys and values to another version. */
export const migrationClaims: Claims = {
  'a migration of keys and values': shadowClaims,
  'the version of keys and values': versionClaims,
  'the quota and the ends of values in a migration': endClaims,
}

async function migrated(means: StorageMeans, place?: string) {
  const one = await opened(means, place === undefined ? {} : { place })
  const { storage } = one
  return { ...one, kv: storage.kv('notes', RULES), migration: () => storage.migration('notes', RULES) }
}

const all = async (kv: KeyValue): Promise<Record<string, Json | undefined>> =>
  Object.fromEntries(await Promise.all((await kv.list()).map(async (key) => [key, await kv.get(key)] as const)))

function shadowClaims(means: StorageMeans): void {
  test('changes are seen in the migration alone, until they are made at once', async () => {
    const { kv, migration } = await migrated(means)
    await kv.set('a', 1)
    await kv.set('b', 2)
    const moving = await migration()
    await moving.kv.set('a', 10)
    await moving.kv.delete('b')
    await moving.kv.set('c', 3)
    await moving.kv.set('d', 4)
    await moving.kv.delete('d')
    expect([await moving.kv.delete('b'), await moving.kv.delete('a')]).toEqual([false, true])
    await moving.kv.set('a', 10)
    expect(await all(moving.kv)).toEqual({ a: 10, c: 3 })
    expect(await all(kv)).toEqual({ a: 1, b: 2 })
    expect([moving.from, await moving.changed()]).toEqual([1, 3])
    await moving.commit(2)
    expect(await all(kv)).toEqual({ a: 10, c: 3 })
  })

  test('what is set to what it was is no change', async () => {
    const { kv, migration } = await migrated(means)
    await kv.set('a', { x: 1, y: 2 })
    const moving = await migration()
    await moving.kv.set('a', { y: 2, x: 1 })
    expect(await moving.changed()).toBe(0)
  })

  test('a transaction that is refused leaves no part of it, and later ones are made', async () => {
    const { kv, migration } = await migrated(means)
    await kv.set('a', 1)
    const moving = await migration()
    const large = { set: 'b', value: 'x'.repeat(limits.kvValueBytes) }
    const refused = moving.kv.apply({ changes: [{ set: 'a', value: 2 }, { delete: 'a' }, large] })
    await expect(refused).rejects.toThrow(refusal('STORAGE_VALUE_INVALID'))
    expect(await moving.kv.compareAndSet('a', 2, 3)).toBe(false)
    expect(await moving.kv.compareAndSet('a', 1, 3)).toBe(true)
    expect(await all(moving.kv)).toEqual({ a: 3 })
  })

  test('keys are listed in order and by page, changed ones among the others', async () => {
    const { kv, migration } = await migrated(means)
    const name = (n: number): string => `k/${String(n).padStart(5, '0')}`
    const count = limits.kvListMax + 50
    await kv.apply({ changes: Array.from({ length: count }, (_, n) => ({ set: name(2 * n), value: 0 })) })
    await kv.set('other', 0)
    const moving = await migration()
    for (const n of [1, 3, 2 * count + 1]) await moving.kv.set(name(n), 1)
    for (const n of [0, 2]) await moving.kv.delete(name(n))
    const listed: string[] = []
    for (let page = ['']; page.length > 0; ) {
      page = await moving.kv.list({ prefix: 'k/', after: String(page.at(-1)) })
      listed.push(...page)
    }
    const evens = Array.from({ length: count - 2 }, (_, n) => name(2 * n + 4))
    expect(listed).toEqual([name(1), name(3), ...evens, name(2 * count + 1)])
    expect(await moving.kv.list({ prefix: 'k/', after: name(1), limit: 2 })).toEqual([name(3), name(4)])
  })
}

function versionClaims(means: StorageMeans): void {
  test('keys are changed by whoever names a version only while they are stored in it', async () => {
    const { storage, kv, migration } = await migrated(means)
    const [first, second] = [1, 2].map((version) => storage.kv('notes', { ...RULES, version })) as [KeyValue, KeyValue]
    const changes = (one: KeyValue): Promise<unknown>[] => [
      one.set('a', 0),
      one.delete('a'),
      one.compareAndSet('a', 1, 0),
      one.apply({ changes: [{ set: 'a', value: 0 }] }),
    ]
    await first.set('a', 1)
    const moving = await migration()
    for (const change of changes(second)) await expect(change).rejects.toThrow(refusal('MIGRATION_NEEDED'))
    await moving.commit(2)
    for (const change of changes(first)) await expect(change).rejects.toThrow(refusal('STORAGE_NEWER'))
    expect([await all(first), await second.list()]).toEqual([{ a: 1 }, ['a']])
    await second.set('a', 2)
    expect(await kv.get('a')).toBe(2)
  })

  test('the version is kept with the keys, over a restart and a restore, and is no key', async () => {
    const { storage, kv, migration, place, end } = await migrated(means)
    expect((await migration()).from).toBeUndefined()
    await kv.set('a', 1)
    expect((await migration()).from).toBe(1)
    const backup = join(temporaryFolder(), 'before.db')
    await storage.backup(backup)
    await (await migration()).commit(3)
    expect([(await migration()).from, await kv.list(), await (await migration()).kv.list()]).toEqual([3, ['a'], ['a']])
    await end()
    const again = await migrated(means, place)
    expect((await again.migration()).from).toBe(3)
    await again.storage.restore(backup)
    expect((await again.migration()).from).toBe(1)
    await expect(again.kv.get('')).rejects.toMatchObject({ code: 'STORAGE_VALUE_INVALID' })
  })

  test('of two migrations at a time one is made, and the other changes nothing', async () => {
    const { kv, migration } = await migrated(means)
    await kv.set('a', 1)
    const [first, second] = [await migration(), await migration()]
    for (const moving of [first, second]) await moving.kv.set('a', 10)
    await first.commit(2)
    await kv.set('a', 11)
    await expect(second.commit(2)).rejects.toThrow(refusal('MIGRATION_FAILED'))
    expect(await all(kv)).toEqual({ a: 11 })
  })

  test('a version is noted where nothing is stored', async () => {
    const { kv, migration } = await migrated(means)
    await (await migration()).commit(3)
    expect([(await migration()).from, await kv.list()]).toEqual([3, []])
  })
}

function endClaims(means: StorageMeans): void {
  test('the quota is that of the plugin', async () => {
    const { kv, migration } = await migrated(means)
    await kv.set('a', 'x'.repeat(60_000))
    const moving = await migration()
    await expect(moving.kv.set('b', 'x'.repeat(60_000))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    await moving.kv.delete('a')
    await moving.kv.set('b', 'x'.repeat(60_000))
    await expect(moving.kv.set('a', 'x'.repeat(60_000))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
    expect((await moving.kv.usage()).usedBytes).toBe(60_003)
    await moving.commit(2)
    expect((await kv.usage()).usedBytes).toBe(60_004)
  })

  test('what has come to its end in a migration counts against no quota, wherever it was set', async () => {
    const { kv, migration, world } = await migrated(means)
    for (const key of ['below', 'again', 'lasting']) await kv.set(key, 1, { ttlMs: 100 })
    const moving = await migration()
    await moving.kv.set('again', 10, { ttlMs: 200 })
    await moving.kv.set('lasting', 10)
    await moving.kv.set('above', 1, { ttlMs: 100 })
    const used = async () => (await moving.kv.usage()).usedBytes
    expect(await used()).toBe('below1again10lasting10above1'.length)
    await world.advance(100)
    expect(await used()).toBe('again10lasting10'.length)
    await moving.kv.set('below', 1)
    await moving.kv.set('above', 1)
    expect(await used()).toBe('below1again10lasting10above1'.length)
    await world.advance(100)
    expect(await used()).toBe('below1lasting10above1'.length)
  })

  test('what lives for a time does so in and after a migration', async () => {
    const { kv, migration, world } = await migrated(means)
    await kv.set('was', 1, { ttlMs: 100 })
    const moving = await migration()
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
}
