import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { Take } from '@tenon/sandbox'
import { LEVELS_HERE, codeOf, pluginFrom, pluginWith } from './sandboxed.ts'

const options = { traceId: 't' }
const NUMBERS = `async *numbers(to, ctx) {
  try { for (let n = 1; n <= to; n += 1) { await ctx.kv.set('made', n); yield n } } finally { made = 'over' }
},
left: () => made`
const numbers = `import { definePlugin } from '@tenon/sdk'
let made
export default definePlugin({ operations: { ${NUMBERS} } })`

/** Takes what it gets one by one, and only when it is told to. */
function hesitant() {
  const taken: Json[] = []
  const waiting: (() => void)[] = []
  const take: Take = async (part) => {
    taken.push(part)
    await new Promise<void>((resolve) => waiting.push(resolve))
  }
  return { taken, take, next: () => waiting.shift()?.() }
}

describe.each(LEVELS_HERE)('on level %s', (level) => {
  test('no part is made before there is somebody to take it', async () => {
    let made: Json = 0
    const handlers = { 'kv.set': async (params: Json) => (made = (params as { value: Json }).value) }
    const plugin = await pluginFrom(level, numbers, { handlers })
    const { taken, take, next } = hesitant()
    const answered = plugin.stream('numbers', 5, { ...options, take })
    for (const n of [1, 2, 3, 4, 5]) {
      await expect.poll(() => taken).toHaveLength(n)
      expect(await plugin.call('left', null, options)).toBe(null)
      expect(made).toBe(n)
      next()
    }
    expect(await answered).toEqual({})
    expect(taken).toEqual([1, 2, 3, 4, 5])
  })
})

const quiet = { handlers: { 'kv.set': async () => null } }

test('who fails to take a part gives the call up, with its own failure', async () => {
  const plugin = await pluginFrom('A', numbers, quiet)
  const take: Take = async () => {
    throw Object.assign(new Error('no room'), { code: 'ENOSPC' })
  }
  await expect(plugin.stream('numbers', 5, { ...options, take })).rejects.toThrow('no room')
  await expect.poll(() => plugin.call('left', null, options)).toBe('over')
})

test('a caller that gives up takes nothing more, also while it takes', async () => {
  const plugin = await pluginFrom('A', numbers, quiet)
  const { taken, take } = hesitant()
  const controller = new AbortController()
  const answered = codeOf(plugin.stream('numbers', 5, { ...options, take, signal: controller.signal }))
  await expect.poll(() => taken).toEqual([1])
  controller.abort()
  expect(await answered).toBe('CALL_CANCELLED')
  await expect.poll(() => plugin.call('left', null, options)).toBe('over')
  expect(taken).toEqual([1])
})

test('the deadline is for each part, and for taking it', async () => {
  const plugin = await pluginWith(
    'A',
    `async *steady() { for (let n = 0; n < 6; n += 1) { await new Promise((resolve) => setTimeout(resolve, 400)); yield n } },
     async *late() { yield 1; await new Promise(() => {}) }`,
  )
  const taken: Json[] = []
  const take: Take = async (part) => void taken.push(part)
  await plugin.stream('steady', null, { ...options, take, deadlineMs: 2_000 })
  expect(taken).toEqual([0, 1, 2, 3, 4, 5])
  expect(await codeOf(plugin.stream('late', null, { ...options, take, deadlineMs: 400 }))).toBe('CALL_TIMEOUT')
  const { take: never } = hesitant()
  expect(await codeOf(plugin.stream('steady', null, { ...options, take: never, deadlineMs: 800 }))).toBe('CALL_TIMEOUT')
})

const PRELUDE = `import fs from 'node:fs'
const part = (id, call) => {
  const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method: '$/part', params: 'x', call }))
  const header = Buffer.alloc(4); header.writeUInt32BE(body.length)
  fs.writeSync(3, Buffer.concat([header, body]))
}
const forever = () => new Promise(() => {})`

test('a plugin that sends parts without waiting is ended', async () => {
  const source = `${PRELUDE}
export default { operations: { push: async () => { for (let id = 1; id < 9; id += 1) part(id, 2); await forever() } } }`
  const plugin = await pluginFrom('A', source)
  const { take } = hesitant()
  expect(await codeOf(plugin.stream('push', null, { ...options, take }))).toBe('PROTOCOL_VIOLATION')
  expect(await plugin.ended).toMatchObject({ message: expect.stringContaining('before the one before it was taken') })
})

test('a plugin cannot answer as if a part had been taken that was not', async () => {
  const source = `${PRELUDE}
let release
const released = new Promise((resolve) => { release = resolve })
export default { operations: { push: async () => { part(1, 2); await released; return 'done' }, release: () => release() } }`
  const plugin = await pluginFrom('A', source)
  const tried = Promise.withResolvers<void>()
  const take: Take = async () => {
    tried.resolve()
    throw new Error('no room')
  }
  const released = tried.promise.then(() => plugin.call('release', null, options))
  await expect(plugin.stream('push', null, { ...options, take })).rejects.toThrow('no room')
  await released
})

test('parts that nobody asked for go nowhere', async () => {
  const source = `${PRELUDE}
export default { operations: { push: async () => { for (let id = 1; id < 9; id += 1) part(id, id); return 'done' } } }`
  const plugin = await pluginFrom('A', source)
  expect(await plugin.call('push', null, options)).toBe('done')
  expect(await plugin.call('push', null, options).catch(({ code }) => code)).toBe('PROTOCOL_VIOLATION')
})

test('what the host gives in parts waits for the plugin', async () => {
  const given: number[] = []
  const plugin = await pluginWith(
    'A',
    `slowly: async (_, ctx) => {
      const seen = []
      for await (const part of ctx.stream('other', 'numbers', null)) {
        seen.push(part)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      return seen
    },
    some: async (_, ctx) => { for await (const part of ctx.stream('other', 'numbers', null)) if (part === 2) return part }`,
    {
      handlers: {
        stream: async (_params, { give, signal }) => {
          for (let part = 1; part <= 8 && !signal.aborted; part += 1) {
            await give(part)
            given.push(part)
          }
          return null
        },
      },
    },
  )
  expect(await plugin.call('slowly', null, options)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  given.length = 0
  expect(await plugin.call('some', null, options)).toBe(2)
  expect(await plugin.call('slowly', null, options)).toHaveLength(8)
  expect(given.length).toBeLessThan(8 + 6)
})
