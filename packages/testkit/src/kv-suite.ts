import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { Kv } from '@tenon/sdk'

/** What plugin code does with its keys and values. A script crosses into a sandbox as text, so it uses nothing but `kv`. */
export type KvScripts = Record<string, (kv: Kv) => Promise<Json>>

/** A plugin whose operations are the scripts, somewhere where time stands still until it is moved. */
export type KvUnderTest = { run(name: string): Promise<Json>; advance(ms: number): Promise<void> }

/** The claims that hold for `ctx.kv` wherever a plugin runs. `open` gives a plugin that has stored nothing. */
export function kvSuite(open: (scripts: KvScripts) => Promise<KvUnderTest>): void {
  describe.each(Object.entries(CLAIMS))('%s', (_what, claims) => {
    test.each(Object.entries(claims))('%s', async (_claim, steps) => {
      const plugin = await open(Object.fromEntries(steps.map(({ script }, index) => [`step_${index}`, script])))
      for (const [index, { afterMs = 0, gives }] of steps.entries()) {
        await plugin.advance(afterMs)
        expect(await plugin.run(`step_${index}`)).toEqual(gives)
      }
    })
  })
}

/** `afterMs` is the time that passes before the script runs. */
type Step = { script: KvScripts[string]; gives: Json; afterMs?: number }
type Claim = Step[]

const reading: Record<string, Claim> = {
  'gives what was set, and nothing for what was not or is deleted': [
    {
      script: async (kv) => {
        await kv.set('a', { deep: [1, null] })
        await kv.set('b', null)
        await kv.set('c', 1)
        await kv.delete('c')
        await kv.delete('c')
        return [(await kv.get('a')) as Json, await kv.get('b'), (await kv.get('c')) ?? 'none'] as Json
      },
      gives: [{ deep: [1, null] }, null, 'none'],
    },
  ],
  'lists keys in the order of their bytes, by prefix and page': [
    {
      script: async (kv) => {
        for (const key of ['b', 'a/\u{10FFFF}', 'a/\uFFFD', 'a/2', 'a/1', 'a', 'a/20']) await kv.set(key, 0)
        return [
          await kv.list('a/'),
          await kv.list('a/', { after: 'a/1', limit: 1 }),
          await kv.list('', { after: 'a/\uFFFD' }),
        ]
      },
      gives: [['a/1', 'a/2', 'a/20', 'a/\uFFFD', 'a/\u{10FFFF}'], ['a/2'], ['a/\u{10FFFF}', 'b']],
    },
  ],
  'refuses what cannot be a key': [
    {
      script: async (kv) => {
        const codes = []
        for (const key of ['', 'é'.repeat(129), '\uD800'])
          for (const work of [
            () => kv.get(key),
            () => kv.set(key, 1),
            () => kv.delete(key),
            () => kv.compareAndSet(key, 1, 2),
            () =>
              kv.transaction({
                when: [
                  { key: 'no', is: 1 },
                  { key, absent: true },
                ],
                changes: [],
              }),
            () => kv.transaction({ when: [{ key: 'no', is: 1 }], changes: [{ delete: key }] }),
            () =>
              kv.transaction({
                changes: [
                  { set: 'a', value: 1 },
                  { set: key, value: 1 },
                ],
              }),
          ])
            codes.push(
              await work().then(
                () => 'done',
                (error: { code: string }) => error.code,
              ),
            )
        return [[...new Set(codes)], await kv.list()]
      },
      gives: [['STORAGE_VALUE_INVALID'], []],
    },
  ],
}

const comparing: Record<string, Claim> = {
  'changes only what holds the expected value, whatever the order of its keys': [
    {
      script: async (kv) => [
        await kv.compareAndSet('a', 1, 2),
        await kv.compareAndSet('a', undefined, { x: 1, y: [{ p: 1, q: 2 }] }),
        await kv.compareAndSet('a', undefined, 3),
        await kv.compareAndSet('a', { y: [{ q: 2, p: 1 }], x: 1 }, 3),
        await kv.compareAndSet('a', 3, null),
        await kv.compareAndSet('a', undefined, 4),
        await kv.compareAndSet('a', null, undefined),
        await kv.list(),
      ],
      gives: [false, true, false, true, true, false, true, []],
    },
  ],
  'lets one of many win': [
    {
      script: async (kv) => {
        const tries = Array.from({ length: 20 }, (_, n) => kv.compareAndSet('lock', undefined, n))
        return (await Promise.all(tries)).filter(Boolean).length
      },
      gives: 1,
    },
  ],
}

const transacting: Record<string, Claim> = {
  'makes all changes, in order': [
    {
      script: async (kv) => {
        await kv.set('old', 1)
        const changes = [
          { set: 'a', value: 1 },
          { delete: 'old' },
          { delete: 'a' },
          { set: 'b', value: 1 },
          { set: 'b', value: 2 },
        ]
        return [await kv.transaction({ changes }), await kv.list(), (await kv.get('b')) as Json]
      },
      gives: [true, ['b'], 2],
    },
  ],
  'makes none when one of its conditions does not hold': [
    {
      script: async (kv) => {
        await kv.set('a', 1)
        const changes = [
          { set: 'a', value: 2 },
          { set: 'b', value: 2 },
        ]
        return [
          await kv.transaction({
            when: [
              { key: 'a', is: 1 },
              { key: 'b', is: 1 },
            ],
            changes,
          }),
          await kv.transaction({ when: [{ key: 'a', absent: true }], changes }),
          (await kv.get('a')) as Json,
          await kv.list(),
          await kv.transaction({
            when: [
              { key: 'a', is: 1 },
              { key: 'b', absent: true },
            ],
            changes,
          }),
          (await kv.get('a')) as Json,
        ]
      },
      gives: [false, false, 1, ['a'], true, 2],
    },
  ],
  'loses no count among many': [
    {
      script: async (kv) => {
        const count = async (): Promise<void> => {
          const before = await kv.get('count')
          const when = [before === undefined ? { key: 'count', absent: true as const } : { key: 'count', is: before }]
          const changes = [{ set: 'count', value: Number(before ?? 0) + 1 }]
          if (!(await kv.transaction({ when, changes }))) await count()
        }
        await Promise.all(Array.from({ length: 10 }, count))
        return (await kv.get('count')) as Json
      },
      gives: 10,
    },
  ],
}

const expiring: Record<string, Claim> = {
  'is there until its time is over': [
    {
      script: async (kv) => {
        await kv.set('set', 1, { ttlMs: 1_000 })
        await kv.transaction({ changes: [{ set: 'transacted', value: 1, ttlMs: 1_000 }] })
        await kv.set('later', 1, { ttlMs: 1_001 })
        return (await kv.get('set')) as Json
      },
      gives: 1,
    },
    {
      afterMs: 999,
      script: async (kv) => [await kv.list(), (await kv.get('transacted')) as Json],
      gives: [['later', 'set', 'transacted'], 1],
    },
    {
      afterMs: 1,
      script: async (kv) => [
        await kv.list(),
        (await kv.get('set')) ?? 'none',
        await kv.compareAndSet('set', 1, 2),
        await kv.transaction({ when: [{ key: 'transacted', absent: true }], changes: [{ set: 'b', value: 1 }] }),
        await kv.compareAndSet('set', undefined, 3),
        await kv.list(),
      ],
      gives: [['later'], 'none', false, true, true, ['b', 'later', 'set']],
    },
    { afterMs: 1, script: async (kv) => kv.list(), gives: ['b', 'set'] },
  ],
  'stays for good, or for a new time, when it is set again': [
    {
      script: async (kv) => {
        for (const key of ['good', 'compared', 'longer', 'again']) await kv.set(key, 1, { ttlMs: 10 })
        await kv.set('good', 2)
        await kv.compareAndSet('compared', 1, 2)
        await kv.set('longer', 2, { ttlMs: 20 })
        await kv.delete('again')
        await kv.set('again', 2)
        return null
      },
      gives: null,
    },
    { afterMs: 15, script: async (kv) => kv.list(), gives: ['again', 'compared', 'good', 'longer'] },
    { afterMs: 15, script: async (kv) => kv.list(), gives: ['again', 'compared', 'good'] },
  ],
  'lives for whole milliseconds, at least one and no more than ten years': [
    {
      script: async (kv) => {
        const codes = []
        for (const ttlMs of [0, -1, 1.5, 315_360_000_001])
          for (const work of [
            () => kv.set('a', 1, { ttlMs }),
            () =>
              kv.transaction({
                changes: [
                  { set: 'b', value: 1 },
                  { set: 'a', value: 1, ttlMs },
                ],
              }),
          ])
            codes.push(
              await work().then(
                () => 'done',
                (error: { code: string }) => error.code,
              ),
            )
        const none = await kv.list()
        for (const ttlMs of [1, 315_360_000_000]) await kv.set(`${ttlMs}`, 1, { ttlMs })
        return [[...new Set(codes)], none, await kv.list()]
      },
      gives: [['STORAGE_VALUE_INVALID'], [], ['1', '315360000000']],
    },
  ],
}

const CLAIMS = {
  'a key': reading,
  'a comparison with change': comparing,
  'a transaction': transacting,
  'a key with a time to live': expiring,
}
