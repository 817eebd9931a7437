import { join } from 'node:path'
import { foreignValidator } from '@tenon/contract/schema'
import type { Json } from '@tenon/contract'
import { kvCalls, openMapStore, type KvStore, type MapStore } from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'

const world = simulatedWorld(1)

function openStore(): MapStore {
  const store = openMapStore(join(temporaryFolder(), 'map.db'), world)
  onTestFinished(() => store.close())
  return store
}

const kvOf = (): KvStore => openStore().kv('notes')
const named = (name: string, words = '') => expect.objectContaining({ name, message: expect.stringContaining(words) })

describe('the keys of a plugin', () => {
  test('hold any JSON, of a node or of the whole map', async () => {
    const kv = kvOf()
    const value = { z: [1, null, 'é\u0000'], a: { deep: true }, n: -0.5 }
    await kv.set('k', value)
    await kv.set('k', 'of a', { nodePath: 'a.md' })
    expect(await kv.get('k')).toEqual(value)
    expect(JSON.stringify(await kv.get('k'))).toBe(JSON.stringify(value))
    expect(await kv.get('k', { nodePath: 'a.md' })).toBe('of a')
    expect(await kv.get('k', { nodePath: 'b.md' })).toBeNull()
    await kv.set('k', null)
    expect(await kv.get('k')).toBeNull()
    expect([await kv.delete('k'), await kv.delete('k')]).toEqual([true, false])
  })

  test('are listed by node and key, and by how they begin', async () => {
    const kv = kvOf()
    for (const key of ['b', 'a%', 'a_', 'A']) await kv.set(key, key)
    await kv.set('a', 1, { nodePath: 'n.md' })
    const listed = async (asked?: Parameters<KvStore['list']>[0]) =>
      (await kv.list(asked)).map(({ key, nodePath }) => `${nodePath} ${key}`)
    expect(await listed()).toEqual(['null A', 'null a%', 'null a_', 'null b', 'n.md a'])
    expect(await listed({ prefix: 'a' })).toEqual(['null a%', 'null a_', 'n.md a'])
    expect(await listed({ prefix: 'a_' })).toEqual(['null a_'])
    expect(await listed({ nodePath: 'n.md' })).toEqual(['n.md a'])
    expect(await kv.list({ prefix: 'b' })).toEqual([{ key: 'b', value: 'b', nodePath: null, updatedAt: world.now() }])
  })

  test('are no other plugin’s', async () => {
    const store = openStore()
    await store.kv('one').set('k', 1)
    expect(await store.kv('two').get('k')).toBeNull()
    expect(await store.kv('two').list()).toEqual([])
    expect(await store.kv('two').delete('k')).toBe(false)
    expect(await store.kv('one').get('k')).toBe(1)
  })

  test('have 1 to 256 bytes of well-formed text', async () => {
    const kv = kvOf()
    await kv.set('é'.repeat(128), 1)
    for (const key of ['', 'é'.repeat(129), '\ud800', 7 as never]) {
      await expect(kv.set(key, 1)).rejects.toThrow(named('KvKeyInvalidError', 'cannot be a key'))
      await expect(kv.get(key)).rejects.toThrow(named('KvKeyInvalidError'))
      await expect(kv.delete(key)).rejects.toThrow(named('KvKeyInvalidError'))
    }
    for (const nodePath of ['', '\udc00', 7 as never]) {
      await expect(kv.set('k', 1, { nodePath })).rejects.toThrow(named('KvKeyInvalidError', 'the path of a node'))
      await expect(kv.list({ nodePath })).rejects.toThrow(named('KvKeyInvalidError'))
    }
  })

  test.each<[what: string, value: unknown, words: string]>([
    ['undefined', undefined, 'type undefined'],
    ['a function within', { a: [() => 1] }, 'type function'],
    ['a big number', 1n, 'type bigint'],
    ['no number', [Number.NaN], 'holds NaN'],
    ['an infinite number', Infinity, 'holds Infinity'],
    ['a date', { at: new Date(0) }, 'an object of a class'],
    ['a map', new Map([[1, 2]]), 'an object of a class'],
    ['half a character', '\ud800', 'half a surrogate pair'],
    ['a hole', Array.from({ length: 1 }), 'type undefined'],
    ['what lies too deep', JSON.parse('['.repeat(70) + ']'.repeat(70)), 'nested deeper than 64'],
  ])('hold no %s', async (_, value, words) => {
    const kv = kvOf()
    await expect(kv.set('k', value as Json)).rejects.toThrow(named('KvValueNotSerializableError', words))
    expect(await kv.list()).toEqual([])
  })

  test('hold nothing that holds itself', async () => {
    const loop: Json[] = []
    loop.push(loop)
    await expect(kvOf().set('k', loop)).rejects.toThrow(named('KvValueNotSerializableError', 'holds itself'))
  })

  test('hold up to a mebibyte each', async () => {
    const kv = kvOf()
    await kv.set('k', 'x'.repeat(1_048_574))
    await expect(kv.set('k', 'x'.repeat(1_048_575))).rejects.toThrow(named('KvValueTooLargeError', '1048577 bytes'))
  })

  test('fit the schema of the plugin, if it has one', async () => {
    const kv = openStore().kv(
      'notes',
      foreignValidator({ type: 'object', required: ['at'], properties: { at: { type: 'number' } } }),
    )
    await kv.set('k', { at: 1 })
    await expect(kv.set('k', { at: 'x' })).rejects.toThrow(
      expect.objectContaining({
        code: 'STORAGE_VALUE_INVALID',
        problems: [expect.objectContaining({ pointer: '/at' })],
      }),
    )
    expect(await kv.get('k')).toEqual({ at: 1 })
  })

  test('are asked for by name, and a name that there is not is refused', async () => {
    const call = kvCalls(kvOf())
    expect(await call('get', ['k', {}])).toEqual({ value: null })
    for (const method of ['constructor', 'toString', 'drop', ''])
      expect(await call(method, [])).toEqual({
        error: { name: 'ScopedDbViolationError', message: `a store has no ${method}` },
      })
    expect(await call('get', undefined as never)).toMatchObject({ error: { name: 'TypeError' } })
  })

  test('say so when the database fails them', async () => {
    const store = openMapStore(join(temporaryFolder(), 'map.db'), world)
    const kv = store.kv('notes')
    store.close()
    await expect(kv.get('k')).rejects.toThrow(named('KvOperationFailedError', 'get failed'))
  })
})
