import { expect, test } from 'vitest'
import { limits, type Json, type World } from '@tenon/contract'
import { codeOf, pluginFrom, world } from './sandboxed.ts'

const LIFE = `import { definePlugin } from '@tenon/sdk'
const seen = []
export default definePlugin({
  operations: { seen: () => seen },
  events: { 'plugin.other.made': (event) => void seen.push(event.payload) },
  start: (ctx) => ctx.log('info', 'started'),
  stop: (ctx) => ctx.log('info', 'stopped'),
  health: () => { if (seen.length > 1) throw new Error('had enough') },
})`

const event = (type: string, payload: Json) => ({
  id: '01J00000000000000000000000',
  type,
  version: 1,
  source: 'other',
  at: '2026-01-01T00:00:00.000Z',
  traceId: 't',
  dataTraits: [],
  payload,
  metadata: {},
})

test('a plugin starts, handles events, says how it is, and stops', async () => {
  const said: Json[] = []
  const plugin = await pluginFrom('A', LIFE, {
    handlers: {
      log: async (params) => {
        said.push((params as { message: string }).message)
        return null
      },
    },
  })
  expect(plugin.events).toEqual(['plugin.other.made'])
  expect(said).toEqual([])
  await plugin.start()
  await plugin.deliver(event('plugin.other.made', { n: 1 }))
  await plugin.ping()
  await plugin.deliver(event('plugin.other.made', { n: 2 }))
  expect(await codeOf(plugin.ping())).toBe('OPERATION_FAILED')
  expect(await codeOf(plugin.deliver(event('plugin.other.gone', null)))).toBe('EVENT_INVALID')
  expect(await plugin.call('seen', null, { traceId: 'trace-1' })).toEqual([{ n: 1 }, { n: 2 }])
  expect(await plugin.stop()).toMatchObject({ reason: 'exit', code: 0 })
  expect(said).toEqual(['started', 'stopped'])
  expect(await codeOf(plugin.call('seen', null, { traceId: 'trace-1' }))).toBe('PLUGIN_DISABLED')
})

test('a plugin that will not stop is ended', async () => {
  const plugin = await pluginFrom('A', `export default { operations: {}, stop: () => { for (;;); } }`)
  await plugin.start()
  expect(await plugin.stop()).toMatchObject({
    reason: 'killed',
    signal: 'SIGKILL',
    message: expect.stringContaining('2000 ms'),
  })
})

test.each([
  ['fails', `throw new Error('no licence')`, 'no licence'],
  ['takes for ever', `return new Promise(() => {})`, `${limits.startHookMs} ms`],
])('a plugin whose own start %s is ended, and says why', async (_, body, why) => {
  const quick: World['timer'] = (ms, signal) => world.timer(ms === limits.startHookMs ? 100 : ms, signal)
  const source = `export default { operations: {}, start() { console.log('last words'); ${body} } }`
  const plugin = await pluginFrom('A', source, { world: { ...world, timer: quick } })
  await expect(plugin.start()).rejects.toMatchObject({
    code: 'PLUGIN_START_FAILED',
    message: expect.stringContaining(why),
    details: { log: expect.stringContaining('last words') },
  })
  expect(await plugin.ended).toMatchObject({ reason: 'killed' })
})
