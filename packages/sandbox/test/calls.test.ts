import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { TenonError, type Json } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { codeOf, LEVELS_HERE, pluginFrom, pluginWith } from './sandboxed.ts'

const options = { traceId: 'trace-1' }

describe.each(LEVELS_HERE)('on level %s', (level) => {
  test('an operation answers, with the context of its call', async () => {
    const plugin = await pluginWith(
      level,
      `hello: async ({ name }, ctx) => ({ text: 'hello ' + name, trace: ctx.traceId })`,
    )
    expect(plugin.operations).toEqual(['hello'])
    expect(await plugin.call('hello', { name: 'world' }, options)).toEqual({ text: 'hello world', trace: 'trace-1' })
  })

  test('what a plugin asks reaches its handler with the trace of the call', async () => {
    const kept = new Map<string, Json>()
    const traces: unknown[] = []
    const plugin = await pluginWith(
      level,
      `count: async (_, ctx) => {
         const before = (await ctx.kv.get('count')) ?? 0
         await ctx.kv.set('count', before + 1)
         return ctx.kv.list('c')
       }`,
      {
        handlers: {
          'kv.get': async (params) => {
            const value = kept.get((params as { key: string }).key)
            return value === undefined ? {} : { value }
          },
          'kv.set': async (params, { traceId }) => {
            const { key, value } = params as { key: string; value: Json }
            kept.set(key, value)
            traces.push(traceId)
            return null
          },
          'kv.list': async () => ({ keys: [...kept.keys()] }),
        },
      },
    )
    await plugin.call('count', null, options)
    expect(await plugin.call('count', null, options)).toEqual(['count'])
    expect(kept).toEqual(new Map([['count', 2]]))
    expect(traces).toEqual(['trace-1', 'trace-1'])
  })
})

test.each([
  ['of ASCII', 'plain'],
  ['of two and four bytes a character', 'é\u{10FFFF}'],
  ['of controls and quotes', '\u0000\u001f\u007f"\\\n'],
  ['of many reads', 'é"x'.repeat(150_000)],
])('text %s goes to the plugin and back as it is, many calls at a time', async (_what, text) => {
  const plugin = await pluginWith('A', `echo: async (input) => input`)
  const values = Array.from({ length: 8 }, (_, index) => ({ index, text, [text.slice(0, 9)]: [text.length] }))
  expect(await Promise.all(values.map((value) => plugin.call('echo', value, options)))).toEqual(values)
})

test('a refusal of the host arrives in the plugin, and at its caller, with its code', async () => {
  const plugin = await pluginWith(
    'A',
    `caught: async (_, ctx) => ctx.secrets.get('key').catch(({ code, message, hint, details }) => ({ code, message, hint, details })),
     passed: async (_, ctx) => ctx.secrets.get('key'),
     unknown: async (_, ctx) => ctx.fetch({ url: 'https://example.com/' })`,
    {
      handlers: {
        'secrets.get': async () => {
          throw new TenonError('PERMISSION_DENIED', 'storage:secrets is not allowed', {
            hint: 'Ask for it.',
            details: { n: 1 },
          })
        },
      },
    },
  )
  const refusal = {
    code: 'PERMISSION_DENIED',
    message: 'storage:secrets is not allowed',
    hint: 'Ask for it.',
    details: { n: 1 },
  }
  expect(await plugin.call('caught', null, options)).toEqual(refusal)
  await expect(plugin.call('passed', null, options)).rejects.toMatchObject(refusal)
  await expect(plugin.call('unknown', null, options)).rejects.toMatchObject({
    code: 'PERMISSION_DENIED',
    message: expect.stringContaining('"fetch"'),
  })
})

test('a failure of the plugin keeps its own code as a detail', async () => {
  const plugin = await pluginWith(
    'A',
    `refuse: () => { throw new PluginError('STOCK_EMPTY', 'no more', { hint: 'Order some.', details: { left: 0 } }) },
     fail: () => { throw new Error('broken') },
     odd: () => { throw 'text' }`,
  )
  await expect(plugin.call('refuse', null, options)).rejects.toMatchObject({
    code: 'OPERATION_FAILED',
    message: 'no more',
    hint: 'Order some.',
    details: { left: 0, pluginCode: 'STOCK_EMPTY' },
  })
  await expect(plugin.call('fail', null, options)).rejects.toMatchObject({
    code: 'OPERATION_FAILED',
    message: 'broken',
  })
  await expect(plugin.call('odd', null, options)).rejects.toMatchObject({ code: 'OPERATION_FAILED', message: 'text' })
  await expect(plugin.call('none', null, options)).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
  await expect(plugin.call('toString', null, options)).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
})

test('every function of the context asks the host by its own method', async () => {
  const asked: [string, Json][] = []
  const answers: Record<string, Json> = {
    call: { sum: 3 },
    fetch: { status: 200, headers: {}, body: 'ok' },
    'config.get': { a: 1 },
    'secrets.get': { value: 's' },
  }
  const methods = [
    'kv.delete',
    'kv.compareAndSet',
    'kv.transaction',
    'events.publish',
    'call',
    'fetch',
    'log',
    'audit',
    'config.get',
    'secrets.get',
    'progress',
  ]
  const handlers = Object.fromEntries(
    methods.map((method) => [
      method,
      async (params: Json) => {
        asked.push([method, params])
        return answers[method] ?? null
      },
    ]),
  )
  const plugin = await pluginWith(
    'A',
    `all: async (_, ctx) => {
       await ctx.kv.delete('k')
       await ctx.kv.compareAndSet('k', undefined, 1)
       await ctx.kv.transaction({ when: [{ key: 'k', is: 1 }], changes: [{ delete: 'k' }] })
       await ctx.events.publish('plugin.sample.made', { n: 1 }, { key: 'k' })
       await ctx.log('info', 'hello', { n: 1 })
       await ctx.audit('made', 'thing')
       await ctx.progress(0.5, 'half')
       await ctx.progress(1)
       return [await ctx.call('other', 'add', [1, 2]), await ctx.fetch({ url: 'https://example.com/' }), await ctx.config.get(), await ctx.secrets.get('s')]
     }`,
    { handlers },
  )
  expect(await plugin.call('all', null, options)).toEqual([{ sum: 3 }, answers['fetch'], { a: 1 }, 's'])
  expect(asked).toEqual([
    ['kv.delete', { key: 'k' }],
    ['kv.compareAndSet', { key: 'k', next: 1 }],
    ['kv.transaction', { when: [{ key: 'k', is: 1 }], changes: [{ delete: 'k' }] }],
    ['events.publish', { type: 'plugin.sample.made', payload: { n: 1 }, key: 'k' }],
    ['log', { level: 'info', message: 'hello', fields: { n: 1 } }],
    ['audit', { action: 'made', target: 'thing', details: {} }],
    ['progress', { fraction: 0.5, message: 'half' }],
    ['progress', { fraction: 1 }],
    ['call', { plugin: 'other', operation: 'add', input: [1, 2] }],
    ['fetch', { url: 'https://example.com/' }],
    ['config.get', {}],
    ['secrets.get', { name: 's' }],
  ])
})

test('a call that misses its deadline is told to the plugin too', async () => {
  const plugin = await pluginWith(
    'A',
    `last: () => globalThis.aborted,
     wait: (_, ctx) => new Promise((resolve) => ctx.signal.addEventListener('abort', () => { globalThis.aborted = ctx.signal.reason.code; resolve(null) }))`,
  )
  expect(await codeOf(plugin.call('wait', null, { ...options, deadlineMs: 30 }))).toBe('CALL_TIMEOUT')
  expect(await plugin.call('last', null, options)).toBe('CALL_CANCELLED')
})

test('a caller may give up, before and during the call', async () => {
  const plugin = await pluginWith(
    'A',
    `wait: (_, ctx) => new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve(null)))`,
  )
  const controller = new AbortController()
  const call = codeOf(plugin.call('wait', null, { ...options, signal: controller.signal }))
  controller.abort()
  expect(await call).toBe('CALL_CANCELLED')
  expect(await codeOf(plugin.call('wait', null, { ...options, signal: controller.signal }))).toBe('CALL_CANCELLED')
})

test('a request of the plugin is cancelled with the call it serves', async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>()
  const plugin = await pluginWith('A', `slow: async (_, ctx) => ctx.fetch({ url: 'https://example.com/' })`, {
    handlers: {
      fetch: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            resolve((signal.reason as TenonError).code)
            reject(signal.reason as TenonError)
          })
        }),
    },
  })
  expect(await codeOf(plugin.call('slow', null, { ...options, deadlineMs: 50 }))).toBe('CALL_TIMEOUT')
  expect(await cancelled).toBe('CALL_CANCELLED')
})

test('open calls are bounded, and a plugin waits when it has asked too much', async () => {
  let open = 0
  let most = 0
  const plugin = await pluginWith(
    'A',
    `many: async (_, ctx) => (await Promise.all(Array.from({ length: 300 }, (_, n) => ctx.kv.get(String(n))))).length,
     wait: (_, ctx) => new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve(null)))`,
    {
      handlers: {
        'kv.get': async () => {
          open += 1
          most = Math.max(most, open)
          await new Promise((resolve) => setImmediate(resolve))
          open -= 1
          return {}
        },
      },
    },
  )
  expect(await plugin.call('many', null, options)).toBe(300)
  expect(most).toBeLessThanOrEqual(64)
  const controller = new AbortController()
  const calls = Array.from({ length: 64 }, () =>
    codeOf(plugin.call('wait', null, { ...options, signal: controller.signal })),
  )
  expect(await codeOf(plugin.call('wait', null, options))).toBe('PLUGIN_BUSY')
  controller.abort()
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['CALL_CANCELLED']))
})

test('messages are bounded in size and depth in both directions, without harm to the plugin', async () => {
  const plugin = await pluginWith(
    'A',
    `size: (text) => text.length,
     big: () => 'x'.repeat(2_000_000),
     many: () => Array.from({ length: 400_000 }, () => 1),
     deep: () => JSON.parse('['.repeat(40) + ']'.repeat(40)),
     ask: async (_, ctx) => ctx.kv.set('k', 'x'.repeat(2_000_000)),
     get: async (_, ctx) => ctx.kv.get('k')`,
    { handlers: { 'kv.get': async () => ({ value: 'x'.repeat(2_000_000) }) } },
  )
  expect(await plugin.call('size', 'x'.repeat(1_000_000), options)).toBe(1_000_000)
  expect(await plugin.call('many', null, options)).toHaveLength(400_000)
  for (const operation of ['big', 'deep', 'ask', 'get'])
    expect(await codeOf(plugin.call(operation, null, options)), operation).toBe('QUOTA_EXCEEDED')
  expect(await codeOf(plugin.call('size', 'x'.repeat(2_000_000), options))).toBe('QUOTA_EXCEEDED')
  expect(await codeOf(plugin.call('size', JSON.parse('['.repeat(40) + ']'.repeat(40)), options))).toBe('QUOTA_EXCEEDED')
  expect(await plugin.call('size', 'x', options)).toBe(1)
})

test('open calls learn that the plugin has crashed', async () => {
  const plugin = await pluginWith('A', `die: () => { console.error('last words'); process.exit(3) }`)
  await expect(plugin.call('die', null, options)).rejects.toMatchObject({
    code: 'PLUGIN_CRASHED',
    details: { reason: 'crash' },
  })
  expect(await plugin.ended).toMatchObject({ reason: 'crash', code: 3 })
  expect(plugin.logTail()).toContain('last words')
})

test.each([
  ['throws at load', `throw new Error('not today')`, 'not today'],
  ['exports nothing', `export const x = 1`, 'definePlugin'],
  ['is no JavaScript', `export default {{{`, 'Unexpected'],
  ['imports what is not there', `import 'left-pad'`, 'left-pad'],
  ['leaves at load', `process.exit(0)`, 'ended'],
])('a plugin that %s did not start, and says why', async (_, source, why) => {
  await expect(pluginFrom('A', source)).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    message: expect.stringContaining(why),
  })
})

test('what cannot cross the channel is an error of its call and no more', async () => {
  const plugin = await pluginWith(
    'A',
    `big: () => 1n,
     none: () => () => 1,
     round: () => { const round = {}; round.round = round; return round },
     details: () => { throw Object.assign(new Error('x'.repeat(2_000_000)), { code: 'ODD', details: { n: 1n } }) },
     heavy: () => { throw Object.assign(new Error('heavy'), { details: 'x'.repeat(2_000_000), hint: 'y'.repeat(2_000_000) }) },
     fine: () => 'fine'`,
  )
  for (const operation of ['big', 'none', 'round', 'details', 'heavy'])
    expect(await codeOf(plugin.call(operation, null, options)), operation).toBe('OPERATION_FAILED')
  expect(await plugin.call('fine', null, options)).toBe('fine')
})

test('code of several files is shown as a read-only folder, out of the workspace that hides it', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'dist'))
  writeFileSync(
    join(folder, 'dist', 'main.mjs'),
    `import { definePlugin } from '@tenon/sdk'
import fs from 'node:fs'
import { part } from './part.mjs'
export default definePlugin({ operations: { part: () => part, write: () => fs.writeFileSync('/plugin/dist/part.mjs', '') } })`,
  )
  writeFileSync(join(folder, 'dist', 'part.mjs'), `export const part = 'of two'`)
  const workspace = temporaryFolder()
  mkdirSync(join(workspace, '.tenon'))
  renameSync(folder, join(workspace, '.tenon', 'code'))
  symlinkSync('code', join(workspace, '.tenon', 'current'))
  const code = { folder: join(workspace, '.tenon', 'current'), entry: 'dist/main.mjs' }
  const mounts = [{ source: workspace, target: '/workspace', readOnly: true }]
  const plugin = await pluginFrom('A', '', {
    plugin: { id: 'two', version: '1.0.0', kind: 'node', code },
    mounts,
    workspace,
  })
  expect(await plugin.call('part', null, options)).toBe('of two')
  expect(await codeOf(plugin.call('write', null, options))).toBe('OPERATION_FAILED')
})

test('what a plugin prints is passed on up to its bound, which is told, and its newest part is kept', async () => {
  const printed: string[] = []
  const told: string[] = []
  const plugin = await pluginWith(
    'A',
    `print: async () => { for (let n = 0; n < 200; n++) console.log('line ' + n + ' ' + 'x'.repeat(1000)) }`,
    {
      limits: { logBytes: 20_000 },
      onLog: (_, text) => void printed.push(text),
      onThrottled: (message) => void told.push(message),
    },
  )
  await plugin.call('print', null, options)
  await expect.poll(() => plugin.logTail()).toContain('line 199')
  expect(printed.join('').length).toBeLessThan(100_000)
  expect(printed.at(-1)).toContain('the log ends here')
  expect(told).toEqual(['it printed more than 20000 bytes, and the rest is dropped'])
  expect(plugin.logTail().length).toBeLessThanOrEqual(16_384)
})
