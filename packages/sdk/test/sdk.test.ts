import { describe, expect, test } from 'vitest'
import { definePlugin, PluginError, type Context, type FetchRequest } from '@tenon/sdk'
import { testPlugin } from '@tenon/sdk/testing'

const mint = async (input: { name: string }, ctx: Context): Promise<{ id: string }> => {
  const count = Number((await ctx.kv.get('count')) ?? 0) + 1
  await ctx.kv.set('count', count)
  await ctx.events.publish('plugin.tokens.minted', { name: input.name }, { key: input.name })
  return { id: `${input.name}-${count}` }
}

describe('a plugin in a simulated host', () => {
  test('answers calls, and what it kept and published can be looked at', async () => {
    const plugin = testPlugin(definePlugin({ operations: { mint } }), { kv: { count: 4 } })
    expect(await plugin.call('mint', { name: 'a' })).toEqual({ id: 'a-5' })
    expect(plugin.kv).toEqual(new Map([['count', 5]]))
    expect(plugin.published).toEqual([{ type: 'plugin.tokens.minted', payload: { name: 'a' }, key: 'a' }])
  })

  test('has no operation but its own', async () => {
    const { call } = testPlugin(definePlugin({ operations: { mint } }))
    await expect(call('burn', {})).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
    await expect(call('constructor', {})).rejects.toMatchObject({ code: 'OPERATION_UNKNOWN' })
  })

  test('is refused what the test did not give', async () => {
    const plugin = definePlugin({
      operations: {
        call: (_, ctx) => ctx.call('other', 'add', 1),
        fetch: (_, ctx) => ctx.fetch({ url: 'https://example.com/' }),
        secret: async (_, ctx) => (await ctx.secrets.get('key')) ?? (await ctx.secrets.get('constructor')) ?? 'none',
        config: (_, ctx) => ctx.config.get(),
        absent: async (_, ctx) => (await ctx.kv.get('key')) === undefined,
      },
    })
    const { call } = testPlugin(plugin)
    await expect(call('call', null)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      message: expect.stringContaining('other/add'),
    })
    await expect(call('fetch', null)).rejects.toMatchObject({
      code: 'PERMISSION_DENIED',
      hint: expect.stringContaining('testPlugin'),
    })
    expect(await call('secret', null)).toBe('none')
    expect(await call('config', null)).toEqual({})
    expect(await call('absent', null)).toBe(true)
  })

  test('finds what the test gave', async () => {
    const plugin = definePlugin({
      operations: {
        all: async (_, ctx) => [
          await ctx.call('other', 'add', [1, 2]),
          (await ctx.fetch({ url: 'https://example.com/' })).body,
          (await ctx.secrets.get('key')) ?? null,
          await ctx.config.get(),
        ],
      },
    })
    const { call } = testPlugin(plugin, {
      calls: { 'other/add': async (input) => ({ got: input }) },
      fetch: ({ url }) => ({ status: 200, headers: {}, body: `from ${url}` }),
      secrets: { key: 's3cret' },
      config: { size: 1 },
    })
    expect(await call('all', null)).toEqual([{ got: [1, 2] }, 'from https://example.com/', 's3cret', { size: 1 }])
  })

  test('is not told what the plugin does afterwards to what it logged, noted or asked', async () => {
    const asked: unknown[] = []
    const plugin = definePlugin({
      operations: {
        tell: async (_, ctx) => {
          const [fields, details, headers] = [{ n: 1 }, { n: 1 }, { n: '1' }]
          await ctx.log('info', 'told', fields)
          await ctx.audit('told', 'box', details)
          await ctx.fetch({ url: 'https://example.com/', headers })
          Object.assign(fields, { n: 2 })
          Object.assign(details, { n: 2 })
          Object.assign(headers, { n: '2' })
          return null
        },
      },
    })
    const fetch = (request: FetchRequest) => (asked.push(request.headers), { status: 200, headers: {}, body: '' })
    const { call, logged, audited } = testPlugin(plugin, { fetch })
    await call('tell', null)
    expect([logged[0]?.fields, audited[0]?.details, asked[0]]).toEqual([{ n: 1 }, { n: 1 }, { n: '1' }])
  })

  test('lists its keys in order, a page at a time, and removes them', async () => {
    const plugin = definePlugin({
      operations: {
        pages: async (_, ctx) => {
          await ctx.kv.delete('a/3')
          return [await ctx.kv.list('a/', { limit: 1 }), await ctx.kv.list('a/', { after: 'a/1' }), await ctx.kv.list()]
        },
      },
    })
    const { call } = testPlugin(plugin, { kv: { 'a/2': 2, 'a/1': 1, b: 3, 'a/3': 3 } })
    expect(await call('pages', null)).toEqual([['a/1'], ['a/2'], ['a/1', 'a/2', 'b']])
  })

  test('shares no object with its host', async () => {
    const kept = { list: [1] }
    const plugin = definePlugin({
      operations: {
        change: async (input: { list: number[] }, ctx) => {
          await ctx.kv.set('kept', input)
          input.list.push(2)
          return ctx.kv.get('kept')
        },
        nothing: () => undefined,
      },
    })
    const { call } = testPlugin(plugin)
    expect(await call('change', kept)).toEqual({ list: [1] })
    expect(kept).toEqual({ list: [1] })
    expect(await call('nothing', null)).toBe(null)
  })

  test('starts, handles events, reports its health, and stops', async () => {
    const plugin = testPlugin(
      definePlugin({
        operations: {},
        events: { 'plugin.other.made': async (event, ctx) => ctx.kv.set(event.source, event.payload as number) },
        start: (ctx) => ctx.log('info', 'started', { n: 1 }),
        stop: (ctx) => ctx.audit('stopped', 'all'),
        health: async (ctx) => {
          await ctx.progress(0.5)
          await ctx.progress(1, 'done')
          if ((await ctx.kv.get('test')) === 7) throw new PluginError('SEVEN', 'seven')
        },
      }),
    )
    await plugin.start()
    await plugin.health()
    await plugin.deliver({ type: 'plugin.other.made', payload: 7 })
    await expect(plugin.health()).rejects.toMatchObject({ code: 'SEVEN' })
    await expect(plugin.deliver({ type: 'plugin.other.gone' })).rejects.toMatchObject({ code: 'EVENT_INVALID' })
    await plugin.stop()
    expect(plugin.logged).toEqual([{ level: 'info', message: 'started', fields: { n: 1 } }])
    expect(plugin.audited).toEqual([{ action: 'stopped', target: 'all', details: {} }])
    expect(plugin.progressed.slice(0, 2)).toEqual([{ fraction: 0.5 }, { fraction: 1, message: 'done' }])
    const bare = testPlugin(definePlugin({ operations: {} }))
    await Promise.all([bare.start(), bare.health(), bare.stop()])
    for (const deaf of [bare, testPlugin(definePlugin({ operations: {}, events: {} }))])
      await expect(deaf.deliver({ type: 'constructor' })).rejects.toMatchObject({ code: 'EVENT_INVALID' })
  })

  test('serves what it provides, and nothing else', async () => {
    const { serve } = testPlugin(definePlugin({ operations: {}, services: { hush: () => undefined } }))
    expect(await serve('hush', 1)).toBe(null)
    await expect(serve('shout', 1)).rejects.toMatchObject({ code: 'SERVICE_UNKNOWN' })
    await expect(testPlugin(definePlugin({ operations: {} })).serve('hush', 1)).rejects.toMatchObject({
      code: 'SERVICE_UNKNOWN',
    })
  })

  test('asks a service without a throttle as often as it likes, and is told whatever that throws', async () => {
    const ask = async (_: unknown, ctx: Context): Promise<unknown> => {
      for (let times = 0; times < 50; times += 1) await ctx.services.call('shop/price', times)
      return ctx.services
        .call('shop/price', 'too much')
        .catch(({ code, message, details }) => ({ code, message, details }))
    }
    const answer = (request: unknown): number => {
      if (typeof request === 'string') throw 'no such price'
      return 1
    }
    const { call } = testPlugin(definePlugin({ operations: { ask } }), { services: { 'shop/price': { answer } } })
    expect(await call('ask', null)).toEqual({ code: 'OPERATION_FAILED', message: 'no such price', details: {} })
  })

  test('sees that its caller gave up', async () => {
    const { call } = testPlugin(definePlugin({ operations: { aborted: (_, ctx) => ctx.signal.aborted } }))
    expect(await call('aborted', null)).toBe(false)
    expect(await call('aborted', null, { signal: AbortSignal.abort() })).toBe(true)
  })
})

test('an error of a plugin carries its code, a hint and details', () => {
  const error = new PluginError('STOCK_EMPTY', 'no more', { hint: 'Order some.', details: { left: 0 } })
  expect(error).toMatchObject({
    name: 'PluginError',
    code: 'STOCK_EMPTY',
    message: 'no more',
    hint: 'Order some.',
    details: { left: 0 },
  })
  expect(new PluginError('A', 'b')).toMatchObject({ hint: undefined, details: {} })
})
