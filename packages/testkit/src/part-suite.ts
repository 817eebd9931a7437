import { expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { Context } from '@tenon/sdk'

/** Operations that cross into a sandbox as text, so that they use nothing but what they are given. */
export type PartOperations = Record<string, (input: never, ctx: Context) => unknown>

/** The operations of `source`, which anybody here may call. */
export const SOURCE: PartOperations = {
  async *count({ to }: { to: number }) {
    try {
      for (let number = 1; number <= to; number += 1) yield number
    } finally {
      const left = ((globalThis as { left?: number[] }).left ??= [])
      left.push(to)
    }
  },
  /** How far the calls of `count` were to go that are over. */
  left: () => (globalThis as { left?: number[] }).left ?? [],
  async *tear() {
    yield 1
    yield 2
    throw Object.assign(new Error('torn'), { code: 'TORN' })
  },
  list: () => ['a', 'b'],
  whole: () => ({ all: true }),
}

/** The operations of `reader`, which may call `source/count` and `source/tear` and nothing else. */
export const READER: PartOperations = {
  async read({ operation, to }: { operation: string; to: number }, ctx) {
    const seen: Json[] = []
    try {
      for await (const part of ctx.stream('source', operation, { to })) seen.push(part)
    } catch (thrown) {
      seen.push((thrown as Error).message)
    }
    return seen
  },
  async taste(_: unknown, ctx) {
    for await (const part of ctx.stream('source', 'count', { to: 2_000_000 })) if (part === 3) return part
    return null
  },
}

export type PlatformOfParts = {
  call(plugin: 'source' | 'reader', operation: string, input: Json): Promise<Json>
  stream(plugin: 'source' | 'reader', operation: string, input: Json): AsyncGenerator<Json>
}

/** The claims that hold for answers in parts wherever a plugin runs. */
export function partSuite(open: () => Promise<PlatformOfParts>): void {
  test('parts come one by one, in order', async () => {
    const { stream } = await open()
    expect(await Array.fromAsync(stream('source', 'count', { to: 200 }))).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  test('who asks for no parts gets the list of them', async () => {
    const { call } = await open()
    expect(await call('source', 'count', { to: 3 })).toEqual([1, 2, 3])
  })

  test('a list that is answered at once comes in parts, and anything else as one', async () => {
    const { stream } = await open()
    expect(await Array.fromAsync(stream('source', 'list', null))).toEqual(['a', 'b'])
    expect(await Array.fromAsync(stream('source', 'whole', null))).toEqual([{ all: true }])
  })

  test('a failure comes after the parts before it', async () => {
    const { stream } = await open()
    const parts = stream('source', 'tear', null)
    expect([(await parts.next()).value, (await parts.next()).value]).toEqual([1, 2])
    await expect(parts.next()).rejects.toThrow('torn')
  })

  test('an operation is over when nobody takes more of its parts', async () => {
    const { stream, call } = await open()
    for await (const part of stream('source', 'count', { to: 1_000_000 })) if (part === 2) break
    await expect.poll(() => call('source', 'left', null)).toContain(1_000_000)
  })

  test('a plugin takes the parts of another, as far as it likes', async () => {
    const { call } = await open()
    expect(await call('reader', 'read', { operation: 'count', to: 4 })).toEqual([1, 2, 3, 4])
    expect(await call('reader', 'read', { operation: 'tear', to: 0 })).toEqual([1, 2, 'torn'])
    expect(await call('reader', 'taste', null)).toBe(3)
    await expect.poll(() => call('source', 'left', null)).toContain(2_000_000)
  })

  test('a plugin gets no part of what it may not call', async () => {
    const { call } = await open()
    expect(await call('reader', 'read', { operation: 'list', to: 0 })).toEqual([
      expect.stringContaining('operator:call:source/list'),
    ])
  })
}
