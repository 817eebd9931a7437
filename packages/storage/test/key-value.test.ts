import { DatabaseSync } from 'node:sqlite'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { openedStorage } from './opened-storage.ts'

const world = simulatedWorld(1)
const quotaBytes = 10_000

async function opened(folder = temporaryFolder()) {
  const storage = await openedStorage(folder, world)
  onTestFinished(storage.end)
  return { storage, end: storage.end, path: storage.path, folder, notes: storage.kv('notes', { quotaBytes }) }
}

describe('a value', () => {
  test('is there after a restart, whatever JSON it is', async () => {
    const values: Json[] = [null, true, 0, -1.5, '', 'é\u0000', [1, [2]], { b: 1, a: { c: [] } }]
    const { notes, end, folder } = await opened()
    await Promise.all(values.map((value, n) => notes.set(`k${n}`, value)))
    await end()
    const again = await opened(folder)
    expect(await Promise.all(values.map((_, n) => again.notes.get(`k${n}`)))).toEqual(values)
    expect(await again.notes.get('absent')).toBeUndefined()
  })

  test('is replaced and deleted', async () => {
    const { notes } = await opened()
    await notes.set('a', 1)
    await notes.set('a', 2)
    expect(await notes.get('a')).toBe(2)
    expect(await notes.delete('a')).toBe(true)
    expect(await notes.delete('a')).toBe(false)
    expect(await notes.get('a')).toBeUndefined()
    expect(await notes.usage()).toEqual({ usedBytes: 0, quotaBytes })
  })

  test('belongs to one plugin', async () => {
    const { notes, storage } = await opened()
    await notes.set('a', 1)
    expect(await storage.kv('other', { quotaBytes }).get('a')).toBeUndefined()
    expect(await storage.kv('other', { quotaBytes }).list()).toEqual([])
    expect(await storage.kv('notes', { quotaBytes: 1 }).get('a')).toBe(1)
  })

  test.each([
    ['an empty key', ''],
    ['a key of 257 bytes', `${'é'.repeat(128)}x`],
    ['half a surrogate pair', '\uD800'],
  ])('is refused under %s', async (_what, key) => {
    const { notes } = await opened()
    const refused = expect.objectContaining({ code: 'STORAGE_VALUE_INVALID' })
    await expect(notes.set(key, 1)).rejects.toThrow(refused)
    await expect(notes.get(key)).rejects.toThrow(refused)
    await expect(notes.delete(key)).rejects.toThrow(refused)
    await expect(notes.transaction((changes) => changes.get(key))).rejects.toThrow(refused)
  })

  test('may have a key of 256 bytes, and is refused when it is too large itself', async () => {
    const { storage } = await opened()
    const large = storage.kv('large', { quotaBytes: 2 * limits.kvValueBytes })
    await large.set('é'.repeat(128), 'x'.repeat(limits.kvValueBytes - 2))
    await expect(large.set('a', 'x'.repeat(limits.kvValueBytes - 1))).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_VALUE_INVALID', message: expect.stringContaining('"a" of large') }),
    )
    await expect(large.set('a', Number.NaN)).rejects.toThrow(
      expect.objectContaining({ code: 'CANONICAL_JSON_INVALID' }),
    )
  })
})

describe('a value that breaks the rules of its plugin', () => {
  const even = (value: Json) =>
    Number(value) % 2 === 0 ? [] : [{ pointer: '/n', code: 'ODD', message: `${JSON.stringify(value)} is odd` }]

  test('is refused with the place and reason, in a transaction with all else', async () => {
    const { storage } = await opened()
    const pairs = storage.kv('pairs', { quotaBytes, problems: even })
    await pairs.set('a', 2)
    const refused = expect.objectContaining({
      code: 'STORAGE_VALUE_INVALID',
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
    const { storage } = await opened()
    await storage.kv('pairs', { quotaBytes }).set('a', 3)
    expect(await storage.kv('pairs', { quotaBytes, problems: even }).get('a')).toBe(3)
  })
})

describe('the list of keys', () => {
  test('is in the order of their bytes, by prefix and page', async () => {
    const keys = ['a', 'a/1', 'a/2', 'a/\u{10FFFF}', 'a/\u{10FFFF}x', 'a0', 'b', 'é']
    const { notes } = await opened()
    await Promise.all(keys.toReversed().map((key) => notes.set(key, 0)))
    expect(await notes.list()).toEqual(keys)
    expect(await notes.list({ prefix: 'a/' })).toEqual(keys.slice(1, 5))
    expect(await notes.list({ prefix: 'a/', after: 'a/1', limit: 2 })).toEqual(keys.slice(2, 4))
    expect(await notes.list({ after: 'b' })).toEqual(['é'])
    expect(await notes.list({ prefix: '%' })).toEqual([])
  })

  test('is cut at its bound', async () => {
    const { storage } = await opened()
    const many = storage.kv('many', { quotaBytes: 1e6 })
    await Promise.all(Array.from({ length: limits.kvListMax + 5 }, (_, n) => many.set(`k${n}`, 0)))
    expect(await many.list({ limit: 1e9 })).toHaveLength(limits.kvListMax)
  })
})

describe('a comparison with change', () => {
  test('changes only what holds the expected value', async () => {
    const { notes } = await opened()
    expect(await notes.compareAndSet('a', 1, 2)).toBe(false)
    expect(await notes.compareAndSet('a', undefined, { x: 1, y: 2 })).toBe(true)
    expect(await notes.compareAndSet('a', undefined, 3)).toBe(false)
    expect(await notes.compareAndSet('a', { y: 2, x: 1 }, 3)).toBe(true)
    expect(await notes.compareAndSet('a', 3, undefined)).toBe(true)
    expect(await notes.list()).toEqual([])
  })

  test('lets one of many win', async () => {
    const { notes } = await opened()
    const attempts = Array.from({ length: 20 }, (_, n) => notes.compareAndSet('lock', undefined, n))
    expect((await Promise.all(attempts)).filter(Boolean)).toHaveLength(1)
  })
})

describe('a transaction', () => {
  test('sees its own changes and those before it', async () => {
    const { notes } = await opened()
    const increments = Array.from({ length: 50 }, () =>
      notes.transaction((changes) => {
        changes.set('count', Number(changes.get('count') ?? 0) + 1)
        return changes.get('count')
      }),
    )
    expect(await Promise.all(increments)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1))
    expect(await notes.get('count')).toBe(50)
  })

  test('that throws changes nothing and disturbs no other', async () => {
    const { notes } = await opened()
    await notes.set('old', 1)
    const before = notes.set('before', 1)
    const failing = notes.transaction((changes) => {
      changes.set('before', 2)
      changes.set('new', 2)
      changes.set('new', 3)
      changes.delete('old')
      throw new Error('stop')
    })
    const after = notes.transaction((changes) => [changes.get('before'), changes.get('new'), changes.get('old')])
    await expect(failing).rejects.toThrow('stop')
    await before
    expect(await after).toEqual([1, undefined, 1])
    expect(await notes.list()).toEqual(['before', 'old'])
    expect((await notes.usage()).usedBytes).toBe('before1old1'.length)
  })

  test('of conditions and changes is judged by the quota as a whole', async () => {
    const { storage } = await opened()
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('a', 'x'.repeat(17))
    const more = { set: 'b', value: 'x'.repeat(17) }
    await expect(small.apply({ changes: [{ set: 'c', value: 1 }, more] })).rejects.toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
    )
    expect(await small.list()).toEqual(['a'])
    expect(await small.apply({ when: [{ key: 'a', absent: true }], changes: [more] })).toBe(false)
    expect(await small.apply({ changes: [more, { delete: 'a' }] })).toBe(true)
    expect(await small.list()).toEqual(['b'])
  })

  test('is refused when it is asynchronous', async () => {
    const { notes } = await opened()
    await expect(notes.transaction(async (changes) => changes.set('a', 1))).rejects.toThrow('synchronous')
    expect(await notes.list()).toEqual([])
  })
})

describe('the quota', () => {
  test('counts keys and values in bytes, and names what was used and allowed', async () => {
    const { storage } = await opened()
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('é', 'x'.repeat(16))
    expect(await small.usage()).toEqual({ usedBytes: 20, quotaBytes: 20 })
    await expect(small.set('b', 1)).rejects.toThrow(
      expect.objectContaining({
        code: 'QUOTA_EXCEEDED',
        message: 'small would store 22 bytes; its quota is 20',
        details: { plugin: 'small', usedBytes: 20, wantedBytes: 22, quotaBytes: 20 },
      }),
    )
    expect(await small.list()).toEqual(['é'])
  })

  test('is judged at the end of a transaction and holds among concurrent ones', async () => {
    const { storage } = await opened()
    const small = storage.kv('small', { quotaBytes: 20 })
    await small.set('a', 'x'.repeat(17))
    await small.transaction((changes) => {
      changes.set('b', 'x'.repeat(17))
      changes.delete('a')
    })
    await small.delete('b')
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((key) => small.set(key, 'x'.repeat(7))))
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })

  test('that was lowered lets a plugin make itself smaller, not larger', async () => {
    const { storage } = await opened()
    await storage.kv('small', { quotaBytes: 100 }).set('a', 'x'.repeat(50))
    await storage.kv('small', { quotaBytes: 100 }).set('b', 1)
    const lowered = storage.kv('small', { quotaBytes: 10 })
    await lowered.set('a', 'x'.repeat(40))
    await lowered.delete('b')
    await expect(lowered.set('b', 1)).rejects.toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED' }))
  })

  test('holds after a restart', async () => {
    const first = await opened()
    await first.storage.kv('small', { quotaBytes: 20 }).set('a', 'x'.repeat(17))
    await first.end()
    const second = await opened(first.folder)
    await expect(second.storage.kv('small', { quotaBytes: 20 }).set('b', 1)).rejects.toThrow(
      expect.objectContaining({ code: 'QUOTA_EXCEEDED' }),
    )
  })
})

describe('a key with a time to live', () => {
  async function expiring() {
    const clock = simulatedWorld(1)
    const storage = await openedStorage(temporaryFolder(), clock)
    onTestFinished(storage.end)
    return { clock, storage, path: storage.path, small: storage.kv('small', { quotaBytes: 20 }) }
  }
  const rowsIn = (path: string): unknown => {
    const db = new DatabaseSync(path, { readOnly: true })
    const keys = db.prepare('SELECT key FROM plugin_row ORDER BY key').all()
    db.close()
    return keys.map(({ key }) => key)
  }

  test('frees its quota when the time is over', async () => {
    const { clock, small } = await expiring()
    await small.set('a', 'x'.repeat(15), { ttlMs: 10 })
    await small.set('b', 1)
    expect((await small.usage()).usedBytes).toBe(20)
    await expect(small.set('c', 1)).rejects.toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED' }))
    await clock.advance(10)
    expect((await small.usage()).usedBytes).toBe(2)
    await small.set('c', 'x'.repeat(15))
    expect(await small.usage()).toEqual({ usedBytes: 20, quotaBytes: 20 })
    await expect(small.set('d', 1)).rejects.toThrow(expect.objectContaining({ code: 'QUOTA_EXCEEDED' }))
  })

  test('is taken off the disk by the next change of its plugin, or by a sweep', async () => {
    const { clock, storage, path, small } = await expiring()
    await small.set('a', 1, { ttlMs: 10 })
    await storage.kv('other', { quotaBytes: 20 }).set('b', 1, { ttlMs: 10 })
    await storage.kv('other', { quotaBytes: 20 }).set('later', 1, { ttlMs: 11 })
    await storage.sweep()
    expect(rowsIn(path)).toEqual(['a', 'b', 'later'])
    await clock.advance(10)
    await small.set('c', 1)
    expect(rowsIn(path)).toEqual(['b', 'c', 'later'])
    await storage.sweep()
    expect(rowsIn(path)).toEqual(['c', 'later'])
  })

  test('keeps its end over a restart', async () => {
    const clock = simulatedWorld(1)
    const folder = temporaryFolder()
    const first = await openedStorage(folder, clock)
    await first.kv('small', { quotaBytes: 20 }).set('a', 1, { ttlMs: 10 })
    await first.end()
    const second = await openedStorage(folder, clock)
    onTestFinished(second.end)
    expect(await second.kv('small', { quotaBytes: 20 }).get('a')).toBe(1)
    await clock.advance(10)
    expect(await second.kv('small', { quotaBytes: 20 }).get('a')).toBeUndefined()
  })

  test.each([0, -1, 1.5, 1e12, Number.NaN])('is refused when the time is %d ms', async (ttlMs) => {
    const { small } = await expiring()
    await expect(small.set('a', 1, { ttlMs })).rejects.toThrow(
      expect.objectContaining({ code: 'STORAGE_VALUE_INVALID', message: `"a" cannot live for ${ttlMs} ms` }),
    )
  })

  test('whose end was changed on disk is damaged', async () => {
    const { small, path } = await expiring()
    await small.set('a', 1, { ttlMs: 10 })
    const db = new DatabaseSync(path)
    db.exec('UPDATE plugin_row SET expires_at = expires_at + 1')
    db.close()
    await expect(small.get('a')).rejects.toThrow(expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }))
  })
})

describe('a fault of the disk', () => {
  test('in a row is named, and a new value heals it', async () => {
    const { notes, path } = await opened()
    await notes.set('a', 'secret plan')
    await notes.set('b', 2)
    const db = new DatabaseSync(path)
    db.exec("UPDATE plugin_row SET value = replace(value, 'plan', 'flan') WHERE key = 'a'")
    db.close()
    const corrupt = expect.objectContaining({
      code: 'DATA_FOLDER_CORRUPT',
      message: expect.stringMatching(/storage\.db: the kv row "a" of notes/),
    })
    await expect(notes.get('a')).rejects.toThrow(corrupt)
    await expect(notes.compareAndSet('a', 'secret flan', 1)).rejects.toThrow(corrupt)
    expect(await notes.get('b')).toBe(2)
    await notes.set('a', 'new')
    expect(await notes.get('a')).toBe('new')
  })

  test.each([
    ['the value', "value = replace(value, 'plan', 'flan')"],
    ['the size', 'bytes = 1'],
    ['the checksum', "checksum = x'00'"],
    ['the plugin', "plugin = 'other'"],
    ['the space', "space = 'config'"],
    ['the key', "key = 'moved'"],
    ['the end', 'expires_at = 9e15'],
  ])('is found wherever it is: in %s', async (_what, change) => {
    const { notes, storage, path } = await opened()
    const others = Array.from({ length: 120 }, (_, n) => notes.set(`k${n}`, n))
    await Promise.all([...others, notes.set('a', 'plan'), storage.secrets('notes').set('a', 'x')])
    expect(await storage.damaged()).toEqual([])
    const db = new DatabaseSync(path)
    db.exec(`UPDATE plugin_row SET ${change} WHERE key = 'a' AND space = 'kv'`)
    db.close()
    expect(await storage.damaged()).toEqual([
      {
        plugin: change.startsWith('plugin') ? 'other' : 'notes',
        space: change.startsWith('space') ? 'config' : 'kv',
        key: change.startsWith('key') ? 'moved' : 'a',
      },
    ])
  })

  test('in a row that was moved to another plugin is found', async () => {
    const { notes, path, storage } = await opened()
    await notes.set('a', 1)
    const db = new DatabaseSync(path)
    db.exec("UPDATE plugin_row SET plugin = 'other'")
    db.close()
    await expect(storage.kv('other', { quotaBytes }).get('a')).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_FOLDER_CORRUPT' }),
    )
  })

  test('fails what could not be written, and the count of bytes stays true', async () => {
    const { notes, path } = await opened()
    await notes.set('a', 1)
    const db = new DatabaseSync(path)
    db.exec("CREATE TRIGGER full BEFORE INSERT ON plugin_row BEGIN SELECT RAISE(ABORT, 'no space'); END")
    const outcomes = await Promise.allSettled([notes.set('b', 1), notes.set('c', 1)])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    db.exec('DROP TRIGGER full')
    db.close()
    await notes.set('d', 1)
    expect((await notes.usage()).usedBytes).toBe(4)
  })
})
