import { describe, expect, test } from 'vitest'
import { limits, type Json } from '@tenon/contract'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'

/** Operations that do with the context what they are told. */
const HANDS = `operations: {
  get: ({ key }, ctx) => ctx.kv.get(key),
  set: ({ key, value, ...lifetime }, ctx) => ctx.kv.set(key, value, lifetime),
  delete: ({ key }, ctx) => ctx.kv.delete(key),
  list: ({ prefix, ...page }, ctx) => ctx.kv.list(prefix, page),
  exchange: ({ key, expected, next }, ctx) => ctx.kv.compareAndSet(key, expected, next),
  transact: (transaction, ctx) => ctx.kv.transaction(transaction),
  secret: ({ name }, ctx) => ctx.secrets.get(name),
  publish: ({ type, payload, ...options }, ctx) => ctx.events.publish(type, payload, options),
  call: ({ plugin, operation, input }, ctx) => ctx.call(plugin, operation, input),
  fetch: (request, ctx) => ctx.fetch(request),
  config: (_, ctx) => ctx.config.get(),
  log: ({ message }, ctx) => ctx.log('info', message),
  note: ({ action, target, details }, ctx) => ctx.audit(action, target, details),
  progress: ({ fraction }, ctx) => ctx.progress(fraction, 'of it'),
}`
const NAMES = [
  'get',
  'set',
  'delete',
  'list',
  'exchange',
  'transact',
  'secret',
  'publish',
  'call',
  'fetch',
  'config',
  'log',
  'note',
  'progress',
]

const hands = (id: string, more: Partial<TestPlugin> = {}): TestPlugin => ({
  id,
  source: HANDS,
  operations: Object.fromEntries(NAMES.map((name) => [name, { in: {}, out: {} }])),
  ...more,
})

async function hostOf(...plugins: TestPlugin[]): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(...plugins) })
  await host.sync()
  for (const { id } of plugins) await host.enable(id)
  return host
}

const does = (host: TestHost, id: string, operation: string, input: Json = {}) =>
  host.admin('POST', `/gateway/${id}/${operation}`, input)

const both = (...capabilities: string[]) => ({ asks: capabilities, granted: capabilities })

const reaches: [string, Json, string, string][] = [
  ['get', { key: 'a' }, 'storage:kv', 'capability.use'],
  ['set', { key: 'a', value: 1 }, 'storage:kv', 'capability.use'],
  ['delete', { key: 'a' }, 'storage:kv', 'capability.use'],
  ['list', { prefix: '' }, 'storage:kv', 'capability.use'],
  ['exchange', { key: 'a', next: 1 }, 'storage:kv', 'capability.use'],
  ['transact', { changes: [] }, 'storage:kv', 'capability.use'],
  ['secret', { name: 'a' }, 'storage:secrets', 'capability.use'],
  ['publish', { type: 'plugin.hand.said', payload: 1 }, 'event:publish:plugin.hand.said', 'event.publish'],
  ['call', { plugin: 'other', operation: 'config', input: null }, 'operator:call:other/config', 'operator.call'],
]

test.each(reaches)(
  '%s without a grant is refused by name, with one audit entry; with a grant it is done',
  async (operation, input, capability, action) => {
    const host = await hostOf(hands('hand', { asks: [capability] }), hands('other'))
    const refused = await does(host, 'hand', operation, input)
    expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    expect(refused.body['detail']).toContain(capability)
    const traceId = String(refused.headers['x-trace-id'])
    expect(await host.audit({ traceId, actor: 'plugin:hand', decision: 'deny' })).toMatchObject([
      { action, capability, reason: 'PERMISSION_DENIED: not-granted' },
    ])
    host.installed.grant('hand', [capability])
    const done = await does(host, 'hand', operation, input)
    expect(done.status, done.text).toBe(200)
  },
)

test('fetch without a grant is refused by name, with one audit entry', async () => {
  const host = await hostOf(hands('hand', { asks: ['net:connect:api.example.org'] }))
  const refused = await does(host, 'hand', 'fetch', { url: 'https://api.example.org/secret?x=y', method: 'post' })
  expect([refused.status, refused.body['code']]).toEqual([403, 'EGRESS_DENIED'])
  const entries = await host.audit({ actor: 'plugin:hand', decision: 'deny' })
  expect(entries).toMatchObject([
    { action: 'proxy.request', capability: 'net:connect:api.example.org:443', target: 'api.example.org' },
  ])
  expect(JSON.stringify(entries)).not.toContain('secret')
})

test('a grant that is taken back is gone at the next call', async () => {
  const host = await hostOf(hands('hand', both('storage:kv')))
  expect((await does(host, 'hand', 'set', { key: 'a', value: 1 })).status).toBe(200)
  host.installed.grant('hand', [])
  expect((await does(host, 'hand', 'get', { key: 'a' })).status).toBe(403)
  expect(host.starts()).toBe(1)
})

test('each plugin has keys and secrets of its own', async () => {
  const granted = both('storage:kv', 'storage:secrets')
  const host = await hostOf(hands('hand', granted), hands('other', granted))
  await does(host, 'hand', 'set', { key: 'a/1', value: { deep: [1] } })
  await does(host, 'hand', 'set', { key: 'a/2', value: null })
  await does(host, 'hand', 'set', { key: 'b', value: 'b' })
  await host.storage.secrets('hand').set('token', 'hush')
  expect((await does(host, 'hand', 'get', { key: 'a/1' })).body).toEqual({ deep: [1] })
  expect((await does(host, 'hand', 'list', { prefix: 'a/' })).body).toEqual(['a/1', 'a/2'])
  expect((await does(host, 'hand', 'list', { prefix: '', after: 'a/1', limit: 1 })).body).toEqual(['a/2'])
  expect((await does(host, 'hand', 'secret', { name: 'token' })).text).toBe('"hush"')
  expect((await does(host, 'other', 'get', { key: 'a/1' })).text).toBe('null')
  expect((await does(host, 'other', 'list', { prefix: '' })).body).toEqual([])
  expect((await does(host, 'other', 'secret', { name: 'token' })).text).toBe('null')
  await does(host, 'hand', 'delete', { key: 'b' })
  expect((await does(host, 'hand', 'get', { key: 'b' })).text).toBe('null')
})

test('what is over the quota is refused, and what was there stays', async () => {
  const host = await hostOf(
    hands('hand', { ...both('storage:kv'), spec: { storage: { quotaMb: 1, schemaVersion: 1 } } }),
  )
  const value = 'x'.repeat(600_000)
  expect((await does(host, 'hand', 'set', { key: 'a', value })).status).toBe(200)
  const refused = await does(host, 'hand', 'set', { key: 'b', value })
  expect([refused.status, refused.body['code']]).toEqual([413, 'QUOTA_EXCEEDED'])
  expect((await does(host, 'hand', 'list', { prefix: '' })).body).toEqual(['a'])
})

describe('a plugin whose spec names a schema for what it stores', () => {
  const NOTE = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
  const source = `operations: { keep: (value, ctx) => ctx.kv.set('a', value).then(() => 'kept', ({ code, message, problems }) => ({ code, message, problems })) }`
  const keeper = (schema: string): TestPlugin => ({
    id: 'keeper',
    source,
    operations: { keep: { in: {}, out: {} } },
    files: { 'schemas/note.schema.json': NOTE, 'schemas/none.schema.json': { type: 'nothing' } },
    spec: { storage: { quotaMb: 1, schemaVersion: 1, schema } },
    ...both('storage:kv'),
  })

  test('is refused another value and told where it is wrong', async () => {
    const host = await hostOf(keeper('schemas/note.schema.json'))
    expect((await does(host, 'keeper', 'keep', { text: 1 })).body).toEqual({
      code: 'STORAGE_VALUE_INVALID',
      message: expect.stringMatching(/^the value of "a" of keeper is invalid at "\/text": /),
      problems: [expect.objectContaining({ pointer: '/text', code: 'SCHEMA_TYPE' })],
    })
    expect((await does(host, 'keeper', 'keep', { text: 'x' })).text).toBe('"kept"')
  })

  test.each(['schemas/none.schema.json', 'schemas/absent.schema.json'])(
    'does not start without it: %s',
    async (schema) => {
      const host = await hostOf(keeper(schema))
      const refused = await does(host, 'keeper', 'keep', { text: 'x' })
      expect([refused.status, refused.body['code']], refused.text).toEqual([400, 'SCHEMA_INVALID'])
      expect(host.starts()).toBe(0)
    },
  )
})

test('nobody publishes under another plugin’s name, whatever was granted', async () => {
  const host = await hostOf(hands('hand', both('event:publish:**')))
  const refused = await does(host, 'hand', 'publish', { type: 'plugin.other.said', payload: 1 })
  expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
  expect(await host.audit({ action: 'event.publish', decision: 'deny' })).toMatchObject([
    { actor: 'plugin:hand', capability: 'event:publish:plugin.other.said' },
  ])
  expect((await does(host, 'hand', 'publish', { type: 'UserCreated', payload: 1, key: 'k' })).status).toBe(200)
  expect(host.bus.tail({ limit: 9 }).map(({ event }) => event)).toMatchObject([
    { type: 'UserCreated', source: 'hand', key: 'k', payload: 1 },
  ])
})

test('a plugin reads its settings, writes to the log and into the ledger under its own name', async () => {
  const spec = { settings: { greeting: { type: 'single-string', label: 'Greeting', default: 'hello' } } }
  const host = await hostOf(hands('hand', { spec }))
  expect((await does(host, 'hand', 'config')).body).toEqual({ greeting: 'hello' })
  await does(host, 'hand', 'log', { message: 'it works' })
  expect(host.logged).toContain('hand info: it works')
  expect((await does(host, 'hand', 'progress', { fraction: 0.5 })).status).toBe(200)
  expect(host.logged).toContain('hand info: 50 % of it')
  await does(host, 'hand', 'note', { action: 'mail.sent', target: 'box', details: { count: 2 } })
  expect(await host.audit({ action: 'note.mail.sent' })).toMatchObject([
    { actor: 'plugin:hand', target: 'box', details: { count: 2 }, reason: 'noted by the plugin' },
  ])
})

test('parameters of another shape, or longer than the ledger wants, are refused', async () => {
  const host = await hostOf(hands('hand', both('storage:kv')))
  const long = 'x'.repeat(100_000)
  const tried: [string, Json][] = [
    ['get', { key: 1 }],
    ['set', { key: 'a', value: 1, ttlMs: '1' }],
    ['exchange', { key: 1, next: 1 }],
    ['transact', {}],
    ['transact', { changes: [{ set: 'a' }] }],
    ['transact', { changes: [{ set: 'a', value: 1, delete: 'a' }] }],
    ['transact', { changes: [], when: [{ key: 'a' }] }],
    ['transact', { changes: Array.from({ length: limits.kvTransactionMax + 1 }, () => ({ delete: 'a' })) }],
    ['log', { message: {} }],
    ['progress', { fraction: 2 }],
    ['progress', { fraction: 'half' }],
    ['note', { action: long, target: 'a' }],
    ['note', { action: 'a', target: long }],
    ['note', { action: 'a', target: 'a', details: 'text' }],
    ['call', { plugin: 'a', operation: long }],
    ['publish', { type: long, payload: 1 }],
  ]
  for (const [operation, input] of tried) {
    const refused = await does(host, 'hand', operation, input)
    expect(refused.body['code'], operation).toBe('PROTOCOL_VIOLATION')
  }
  const url = `https://a.example/${long}`
  expect((await does(host, 'hand', 'fetch', { url })).body['code']).toBe('HTTP_INVALID')
  expect((await does(host, 'hand', 'fetch', { url: 'https://a.example', headers: { a: 1 } })).body['code']).toBe(
    'HTTP_INVALID',
  )
  expect((await does(host, 'hand', 'fetch', { url: 'https://a.example', headers: null })).body['code']).toBe(
    'EGRESS_DENIED',
  )
  expect((await does(host, 'hand', 'fetch', { url: 7 })).body['code']).toBe('HTTP_INVALID')
  expect((await host.audit({ limit: '500' })).every((entry) => JSON.stringify(entry).length < 2_000)).toBe(true)
  expect((await does(host, 'hand', 'config')).status).toBe(200)
})

test('what a plugin may do, and how often it did, is shown', async () => {
  const capability = 'event:publish:plugin.hand.said'
  const files = 'fs:read:${dataset}/**'
  const [all, others] = ['event:publish:plugin.hand.**', 'event:publish:plugin.hand.not.*']
  const host = await hostOf(
    hands('hand', { asks: [capability, 'storage:kv', files, all, others], granted: [capability, all] }),
  )
  for (const payload of [1, 2]) await does(host, 'hand', 'publish', { type: 'plugin.hand.said', payload })
  expect((await host.admin('GET', '/plugins/hand')).body['permissions']).toEqual([
    { capability, reason: 'for the test', granted: true, perRun: false, used: 2 },
    { capability: 'storage:kv', reason: 'for the test', granted: false, perRun: false, used: 0 },
    { capability: files, reason: 'for the test', granted: false, perRun: true },
    { capability: all, reason: 'for the test', granted: true, perRun: false, used: 2 },
    { capability: others, reason: 'for the test', granted: true, perRun: false, used: 0 },
  ])
  expect(await host.audit({ capability })).toHaveLength(2)
})

test('that a process uses its storage is recorded once, and how often it did when it ends', async () => {
  const host = await hostOf(hands('hand', both('storage:kv')))
  for (const key of ['a', 'b']) expect((await does(host, 'hand', 'set', { key, value: 1 })).status).toBe(200)
  const use = { action: 'capability.use', decision: 'allow', capability: 'storage:kv' }
  expect(await host.audit({ capability: 'storage:kv' })).toEqual([expect.objectContaining(use)])
  await host.admin('POST', '/admin/plugins/hand/disable')
  const [end] = await host.audit({ action: 'plugin.end' })
  expect(end?.details).toMatchObject({ uses: { 'storage:kv': 2 } })
  await host.enable('hand')
  await does(host, 'hand', 'get', { key: 'a' })
  expect(await host.audit({ capability: 'storage:kv' })).toHaveLength(2)
})

test('a plugin that is stopped may still keep what it has, but asks nothing of others', async () => {
  const source = `operations: { hi: () => 'hi' }, stop: async (ctx) => {
    const tried = []
    for (const work of [() => ctx.events.publish('plugin.last.said', 1), () => ctx.fetch({ url: 'https://a.example' }), () => ctx.call('last', 'hi', null), () => ctx.kv.of('other').get('a')])
      tried.push(await work().then(() => 'done', (error) => error.code))
    await ctx.kv.set('tried', tried)
  }`
  const asks = both('storage:kv', 'event:publish:**', 'net:connect:**', 'operator:call:*/*', 'storage:kv:read:other')
  const host = await hostOf({ id: 'last', source, operations: { hi: { out: {} } }, ...asks }, hands('other'))
  await does(host, 'last', 'hi', null)
  await host.admin('POST', '/admin/plugins/last/disable')
  expect(await host.storage.kv('last', { quotaBytes: 1_000 }).get('tried')).toEqual([
    'PERMISSION_DENIED',
    'PERMISSION_DENIED',
    'PERMISSION_DENIED',
    'PERMISSION_DENIED',
  ])
})
