import { expect, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import { beside, opened, QUOTA_BYTES as quotaBytes, refusal, type Claims, type StorageMeans } from './means.ts'

/** The claims on key-value pairs. */
export const keyValueClaims: Claims = {
  'a value': valueClaims,
  'a key': keyClaims,
  'a value that breaks the rules of its plugin': ruleClaims,
  'the list of keys': listClaims,
  'a transaction': transactionClaims,
  'the quota': quotaClaims,
  'a key with a time to live': expiryClaims,
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

function valueClaims(means: StorageMeans): void {
  test('is there after a restart, whatever JSON it is', async () => {
    const values: Json[] = [null, true, 0, -1.5, '', 'é\u0000\u{10FFFF}', [1, [2]], { b: 1, a: { c: [] } }]
    const { notes, end, place } = await opened(means)
    await Promise.all(values.map((value, n) => notes.set(`k${n}`, value)))
    await end()
    const again = await opened(means, { place })
    expect(await Promise.all(values.map((_, n) => again.notes.get(`k${n}`)))).toEqual(values)
    expect(await again.notes.get('absent')).toBeUndefined()
  })

  test('is replaced and deleted', async () => {
    const { notes } = await opened(means)
    await notes.set('a', 1)
    await notes.set('a', 2)
    expect(await notes.get('a')).toBe(2)
    expect(await notes.delete('a')).toBe(true)
    expect(await notes.delete('a')).toBe(false)
    expect(await notes.get('a')).toBeUndefined()
    expect(await notes.usage()).toEqual({ usedBytes: 0, quotaBytes })
  })

  test('belongs to one plugin', async () => {
    const { notes, storage } = await opened(means)
    await notes.set('a', 1)
    expect(await storage.kv('other', { quotaBytes }).get('a')).toBeUndefined()
    expect(await storage.kv('other', { quotaBytes }).list()).toEqual([])
    expect(await storage.kv('notes', { quotaBytes: 1 }).get('a')).toBe(1)
  })

  test('is refused when it is too large itself', async () => {
    const { storage } = await opened(means)
    const large = storage.kv('large', { quotaBytes: 2 * limits.kvValueBytes })
    await large.set('é'.repeat(128), 'x'.repeat(limits.kvValueBytes - 2))
    await expect(large.set('a', 'x'.repeat(limits.kvValueBytes - 1))).rejects.toThrow(
      refusal('STORAGE_VALUE_INVALID', { message: expect.stringContaining('"a" of large') }),
    )
    await expect(large.set('a', Number.NaN)).rejects.toThrow(refusal('CANONICAL_JSON_INVALID'))
  })
}

function keyClaims(means: StorageMeans): void {
  test.each([
    ['empty', ''],
    ['of 257 bytes', `${'é'.repeat(128)}x`],
    ['half a surrogate pair', '\uD800'],
  ])('that is %s is refused', async (_what, key) => {
    const { notes } = await opened(means)
    const refused = refusal('STORAGE_VALUE_INVALID')
    await expect(notes.set(key, 1)).rejects.toThrow(refused)
    await expect(notes.get(key)).rejects.toThrow(refused)
    await expect(notes.delete(key)).rejects.toThrow(refused)
    await expect(notes.apply({ when: [{ key, absent: true }], changes: [] })).rejects.toThrow(refused)
  })

  test.each(['é'.repeat(128), '\u0000', 'a\u0000b', "'; DROP TABLE plugin_row; --", '%_\\'])(
    'may be %j',
    async (key) => {
      const { notes } = await opened(means)
      await notes.set(key, 1)
      await notes.set('other', 2)
      expect([await notes.get(key), (await notes.list()).sort()]).toEqual([1, [key, 'other'].sort()])
      expect(await notes.list({ prefix: key })).toEqual([key])
      expect(await notes.delete(key)).toBe(true)
      expect(await notes.list()).toEqual(['other'])
    },
  )
}

function ruleClaims(means: StorageMeans): void {
  const even = (value: Json) =>
    Number(value) % 2 === 0 ? [] : [{ pointer: '/n', code: 'ODD', message: `${JSON.stringify(value)} is odd` }]

  test('is refused with the place and reason, in a transaction with all else', async () => {
    const { storage } = await opened(means)
    const pairs = storage.kv('pairs', { quotaBytes, problems: even })
    await pairs.set('a', 2)
    const refused = refusal('STORAGE_VALUE_INVALID', {
      message: 'the value of "b" of pairs is invalid at "/n": 3 is odd',
      problems: [{ pointer: '/n', code: 'ODD', message: '3 is odd' }],
    })
    await expect(pairs.set('b', 3)).rejects.toThrow(refused)
    await expect(pairs.compareAndSet('b', undefined, 3)).rejects.toThrow(refused)
    const changes = [
      { set: 'a', value: 4 },
      { set: 'b', value: 3 },
    ]
    await expect(pairs.apply({ changes })).rejects.toThrow(refused)
    expect([await pairs.list(), await pairs.get('a')]).toEqual([['a'], 2])
  })

  test('is given out when it was there before the rules', async () => {
    const { storage } = await opened(means)
    await storage.kv('pairs', { quotaBytes }).set('a', 3)
    expect(await storage.kv('pairs', { quotaBytes, problems: even }).get('a')).toBe(3)
  })
}

function listClaims(means: StorageMeans): void {
  test('is in the order of their bytes, by prefix and page', async () => {
    const keys = ['a', 'a/1', 'a/2', 'a/\uFFFD', 'a/\u{10FFFF}', 'a/\u{10FFFF}x', 'a0', 'b', 'é']
    const { notes } = await opened(means)
    await Promise.all(keys.toReversed().map((key) => notes.set(key, 0)))
    expect(await notes.list()).toEqual(keys)
    expect(await notes.list({ prefix: 'a/' })).toEqual(keys.slice(1, 6))
    expect(await notes.list({ prefix: 'a/', after: 'a/1', limit: 2 })).toEqual(keys.slice(2, 4))
    expect(await notes.list({ after: 'b' })).toEqual(['é'])
    expect(await notes.list({ prefix: '%' })).toEqual([])
  })

  test('is cut at its bound', async () => {
    const { storage } = await opened(means)
    const many = storage.kv('many', { quotaBytes: 1e6 })
    await Promise.all(range(limits.kvListMax + 5).map((n) => many.set(`k${n}`, 0)))
    expect(await many.list({ limit: 1e9 })).toHaveLength(limits.kvListMax)
  })
}

function transactionClaims(means: StorageMeans): void {
  test('changes only what holds the expected value', async () => {
    const { notes } = await opened(means)
    expect(await notes.compareAndSet('a', 1, 2)).toBe(false)
    expect(await notes.compareAndSet('a', undefined, { x: 1, y: 2 })).toBe(true)
    expect(await notes.compareAndSet('a', undefined, 3)).toBe(false)
    expect(await notes.compareAndSet('a', { y: 2, x: 1 }, 3)).toBe(true)
    expect(await notes.compareAndSet('a', 3, undefined)).toBe(true)
    expect(await notes.list()).toEqual([])
  })

  test('lets one of many win, be they of one process or of several', async () => {
    const { notes, place, storage } = await opened(means)
    const others = (await beside(means, place, storage)).kv('notes', { quotaBytes })
    const attempts = range(20).map((n) => (n % 2 === 0 ? notes : others).compareAndSet('lock', undefined, n))
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1)
  })

  test('sees what those before it in the same commit changed', async () => {
    const { notes } = await opened(means)
    const increments = range(50).map((n) => notes.compareAndSet('count', n === 0 ? undefined : n, n + 1))
    expect(await Promise.all(increments)).toEqual(increments.map(() => true))
    expect(await notes.get('count')).toBe(50)
  })

  test('that is refused changes nothing and disturbs no other', async () => {
    const { notes } = await opened(means)
    await notes.set('old', 1)
    const before = notes.set('before', 1)
    const failed = notes.apply({
      changes: [
        { set: 'before', value: 2 },
        { set: 'new', value: 2 },
        { set: 'new', value: 3 },
        { delete: 'old' },
        { set: 'large', value: 'x'.repeat(limits.kvValueBytes) },
      ],
    })
    const after = notes.compareAndSet('before', 1, 1)
    await expect(failed).rejects.toThrow(refusal('STORAGE_VALUE_INVALID'))
    await before
    expect(await after).toBe(true)
    expect(await notes.list()).toEqual(['before', 'old'])
    expect((await notes.usage()).usedBytes).toBe('before1old1'.length)
  })

  test('of conditions and changes is judged by the quota as a whole', async () => {
    const { storage } = await opened(means)
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('a', 'x'.repeat(17))
    const more = { set: 'b', value: 'x'.repeat(17) }
    await expect(small.apply({ changes: [{ set: 'c', value: 1 }, more] })).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
    expect(await small.list()).toEqual(['a'])
    expect(await small.apply({ when: [{ key: 'a', absent: true }], changes: [more] })).toBe(false)
    expect(await small.apply({ changes: [more, { delete: 'a' }] })).toBe(true)
    expect(await small.list()).toEqual(['b'])
  })
}

function quotaClaims(means: StorageMeans): void {
  test('counts keys and values in bytes, and names what was used and allowed', async () => {
    const { storage } = await opened(means)
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('é', 'x'.repeat(16))
    expect(await small.usage()).toEqual({ usedBytes: 20, quotaBytes: 20 })
    await expect(small.set('b', 1)).rejects.toThrow(
      refusal('QUOTA_EXCEEDED', {
        message: 'small would store 22 bytes; its quota is 20',
        details: { plugin: 'small', usedBytes: 20, wantedBytes: 22, quotaBytes: 20 },
      }),
    )
    expect(await small.list()).toEqual(['é'])
  })

  test('holds among concurrent changes', async () => {
    const { storage } = await opened(means)
    const small = storage.kv('small', { quotaBytes: 20 })
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((key) => small.set(key, 'x'.repeat(7))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })

  test('that was lowered lets a plugin make itself smaller, not larger', async () => {
    const { storage } = await opened(means)
    await storage.kv('small', { quotaBytes: 100 }).set('a', 'x'.repeat(50))
    await storage.kv('small', { quotaBytes: 100 }).set('b', 1)
    const lowered = storage.kv('small', { quotaBytes: 10 })
    await lowered.set('a', 'x'.repeat(40))
    await lowered.delete('b')
    await expect(lowered.set('b', 1)).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
  })

  test('holds after a restart', async () => {
    const first = await opened(means)
    await first.storage.kv('small', { quotaBytes: 20 }).set('a', 'x'.repeat(17))
    await first.end()
    const { storage } = await opened(means, { place: first.place })
    await expect(storage.kv('small', { quotaBytes: 20 }).set('b', 1)).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
  })
}

function expiryClaims(means: StorageMeans): void {
  test('frees its quota when the time is over', async () => {
    const { world, storage } = await opened(means)
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('a', 'x'.repeat(15), { ttlMs: 10 })
    await small.set('b', 1)
    expect((await small.usage()).usedBytes).toBe(20)
    await expect(small.set('c', 1)).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
    await world.advance(10)
    expect((await small.usage()).usedBytes).toBe(2)
    await small.set('c', 'x'.repeat(15))
    expect(await small.usage()).toEqual({ usedBytes: 20, quotaBytes: 20 })
    await expect(small.set('d', 1)).rejects.toThrow(refusal('QUOTA_EXCEEDED'))
  })

  test('is taken off the disk by the next change of its plugin, or by a sweep', async () => {
    const { world, storage, notes, place } = await opened(means)
    await notes.set('a', 'first', { ttlMs: 10 })
    await storage.kv('other', { quotaBytes }).set('b', 'second', { ttlMs: 10 })
    await storage.kv('other', { quotaBytes }).set('later', 'third', { ttlMs: 11 })
    const left = async () => (await means.dump(place)).match(/first|second|third|fourth/g)?.sort()
    await storage.sweep()
    expect(await left()).toEqual(['first', 'second', 'third'])
    await world.advance(10)
    await notes.set('c', 'fourth')
    expect(await left()).toEqual(['fourth', 'second', 'third'])
    await storage.sweep()
    expect(await left()).toEqual(['fourth', 'third'])
  })

  test('is gone once it was taken off the disk, though the clock be set back', async () => {
    const { world, notes } = await opened(means)
    await notes.set('a', 'x', { ttlMs: 10 })
    expect(await notes.get('a')).toBe('x')
    await world.advance(10)
    await notes.set('b', 1)
    await world.advance(-10)
    expect([await notes.get('a'), await notes.delete('a'), (await notes.usage()).usedBytes]).toEqual([
      ...[undefined, false, 2],
    ])
  })

  test('keeps its end over a restart', async () => {
    const first = await opened(means)
    await first.notes.set('a', 1, { ttlMs: 10 })
    await first.end()
    const { notes, world } = await opened(means, { place: first.place })
    expect(await notes.get('a')).toBe(1)
    await world.advance(10)
    expect([await notes.get('a'), await notes.list()]).toEqual([undefined, []])
  })

  test.each([0, -1, 1.5, 1e12, Number.NaN])('is refused when the time is %d ms', async (ttlMs) => {
    const { notes } = await opened(means)
    await expect(notes.set('a', 1, { ttlMs })).rejects.toThrow(
      refusal('STORAGE_VALUE_INVALID', { message: `"a" cannot live for ${ttlMs} ms` }),
    )
  })
}
