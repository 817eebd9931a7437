import { describe, expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import type { Handlers } from '@tenon/sandbox'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'

const READ = 'storage:kv:read:shop'
const WRITE = 'storage:kv:write:shop'

/** A plugin that does with keys of another what it is told. */
const HANDS = `operations: {
  get: ({ of, key }, ctx) => ctx.kv.of(of).get(key).then((value) => value ?? 'none'),
  set: ({ of, key, value }, ctx) => ctx.kv.of(of).set(key, value),
}`
const hand = (...capabilities: string[]): TestPlugin => ({
  ...{ id: 'hand', source: HANDS, asks: capabilities, granted: capabilities },
  operations: { get: { in: {}, out: {} }, set: { in: {}, out: {} } },
})

/** The plugin whose keys they are. */
const shop = (more: Partial<TestPlugin> = {}): TestPlugin => ({ id: 'shop', ...more })

async function hostOf(...plugins: TestPlugin[]): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(...plugins) })
  await host.sync()
  await host.enable('hand')
  return host
}

const does = (host: TestHost, operation: string, input: Json) => host.admin('POST', `/gateway/hand/${operation}`, input)
const kept = (host: TestHost) => host.storage.kv('shop', { quotaBytes: 1_000_000 })

test.each([
  ['get', { of: 'shop', key: 'a' }, READ],
  ['set', { of: 'shop', key: 'a', value: 1 }, WRITE],
])(
  '%s without its grant is refused by name, with one audit entry, and done from the grant on',
  async (name, input, capability) => {
    const host = await hostOf({ ...hand(READ, WRITE, 'storage:kv'), granted: ['storage:kv'] }, shop())
    const refused = await does(host, name, input)
    expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
    expect(refused.body['detail']).toContain(capability)
    expect(refused.body['hint']).toContain(capability)
    const traceId = String(refused.headers['x-trace-id'])
    expect(await host.audit({ traceId, actor: 'plugin:hand', decision: 'deny' })).toMatchObject([
      { action: 'capability.use', target: 'shop', capability, reason: 'PERMISSION_DENIED: not-granted' },
    ])
    await host.grant('hand', [capability])
    expect((await does(host, name, input)).status).toBe(200)
  },
)

test('a grant that is taken back is gone at the next call, and the plugin runs on', async () => {
  const host = await hostOf(hand(READ, WRITE), shop())
  expect((await does(host, 'set', { of: 'shop', key: 'a', value: 1 })).status).toBe(200)
  host.installed.grant('hand', [READ])
  expect((await does(host, 'set', { of: 'shop', key: 'a', value: 2 })).body['code']).toBe('PERMISSION_DENIED')
  expect((await does(host, 'get', { of: 'shop', key: 'a' })).text).toBe('1')
  host.installed.grant('hand', [])
  expect((await does(host, 'get', { of: 'shop', key: 'a' })).body['code']).toBe('PERMISSION_DENIED')
  expect(host.starts()).toBe(1)
})

test('whose keys a process uses is recorded once, and how often it did when it ends, and is shown with the grant', async () => {
  const host = await hostOf(hand(READ, WRITE, 'storage:kv:read:*'), shop(), shop({ id: 'mall' }))
  for (const of of ['shop', 'shop', 'mall']) await does(host, 'get', { of, key: 'a' })
  expect(await host.audit({ action: 'capability.use' })).toMatchObject([
    { actor: 'plugin:hand', target: 'mall', capability: 'storage:kv:read:mall', decision: 'allow' },
    { actor: 'plugin:hand', target: 'shop', capability: READ, decision: 'allow' },
  ])
  expect((await host.admin('GET', '/plugins/hand')).body['permissions']).toMatchObject([
    { capability: READ, granted: true, used: 1 },
    { capability: WRITE, granted: true, used: 0 },
    { capability: 'storage:kv:read:*', granted: true },
  ])
  await host.admin('POST', '/admin/plugins/hand/disable')
  const [end] = await host.audit({ action: 'plugin.end' })
  expect(end?.details).toMatchObject({ uses: { [READ]: 2, 'storage:kv:read:mall': 1 } })
})

test('a plugin that is not installed is named to whom that was granted, and to nobody else', async () => {
  const host = await hostOf({ ...hand('storage:kv:read:*'), granted: ['storage:kv:read:nobody'] })
  const unknown = await does(host, 'get', { of: 'nobody', key: 'a' })
  expect([unknown.status, unknown.body['code'], unknown.body['detail']]).toEqual([
    ...[404, 'PLUGIN_UNKNOWN', '"nobody" is not installed here, so it has no keys'],
  ])
  const traceId = String(unknown.headers['x-trace-id'])
  expect(await host.audit({ traceId, actor: 'plugin:hand', decision: 'deny' })).toMatchObject([
    { target: 'nobody', capability: 'storage:kv:read:nobody', reason: 'PLUGIN_UNKNOWN' },
  ])
  expect((await does(host, 'get', { of: 'elsewhere', key: 'a' })).body['code']).toBe('PERMISSION_DENIED')
})

test.each(['', 'a/b', 'shop:a', 'shop a', 'secret shop'])('what is no plugin id has no keys: %j', async (of) => {
  const host = await hostOf(hand('storage:kv:read:*'), shop())
  expect((await does(host, 'get', { of, key: 'a' })).body['code']).toBe('CAPABILITY_INVALID')
})

test('names of another shape are refused', async () => {
  const host = await hostOf(hand('storage:kv:read:*'), shop())
  for (const of of [null, 7, ['shop'], 'x'.repeat(513)])
    expect((await does(host, 'get', { of, key: 'a' })).body['code']).toBe('PROTOCOL_VIOLATION')
})

test.each(['usage', 'kv.get', 'constructor', null])('what is no work on keys is refused: %j', async (work) => {
  let handlers: Handlers = {}
  const host = await openTestHost({
    installed: installedPlugins(hand(READ), shop()),
    launch:
      (launch) =>
      (admitted, given, ...more) =>
        launch(admitted, (handlers = given), ...more),
  })
  await host.sync()
  await host.enable('hand')
  await does(host, 'get', { of: 'shop', key: 'a' })
  const context = { signal: new AbortController().signal, traceId: undefined, give: async () => {} }
  await expect(handlers['kv.of']?.({ plugin: 'shop', work, key: 'a' }, context)).rejects.toMatchObject({
    code: 'PROTOCOL_VIOLATION',
  })
})

test('the secrets of another plugin are not among its keys', async () => {
  const everything = ['storage:kv:read:*', 'storage:kv:write:*', 'storage:secrets']
  const host = await hostOf(hand(...everything), shop())
  await host.storage.secrets('shop').set('token', 'hush')
  expect((await does(host, 'get', { of: 'shop', key: 'token' })).text).toBe('"none"')
  await does(host, 'set', { of: 'shop', key: 'token', value: 'other' })
  expect(await host.storage.secrets('shop').get('token')).toBe('hush')
})

describe('what is written counts as the owner’s own', () => {
  test('against its quota', async () => {
    const host = await hostOf(hand(WRITE), shop({ spec: { storage: { quotaMb: 1, schemaVersion: 1 } } }))
    const value = 'x'.repeat(600_000)
    await kept(host).set('own', value)
    const refused = await does(host, 'set', { of: 'shop', key: 'more', value })
    expect([refused.status, refused.body['code']]).toEqual([413, 'QUOTA_EXCEEDED'])
    expect(refused.body['detail']).toMatch(/^shop would store/)
    expect(await kept(host).list()).toEqual(['own'])
  })

  test('and fits the schema that its spec names', async () => {
    const schema = 'schemas/note.schema.json'
    const owner = shop({
      files: { [schema]: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } },
      spec: { storage: { quotaMb: 1, schemaVersion: 1, schema } },
    })
    const host = await hostOf(hand(WRITE), owner)
    const refused = await does(host, 'set', { of: 'shop', key: 'a', value: { text: 1 } })
    expect([refused.status, refused.body['code']]).toEqual([400, 'STORAGE_VALUE_INVALID'])
    expect(refused.body['detail']).toMatch(/^the value of "a" of shop is invalid at "\/text"/)
    expect((await does(host, 'set', { of: 'shop', key: 'a', value: { text: 'x' } })).status).toBe(200)
    expect(await kept(host).get('a')).toEqual({ text: 'x' })
  })
})

test('keys that their owner has not brought to its version yet may be read, and are not changed', async () => {
  const source = 'operations: {}, migrations: [{ to: 2, up: (kv) => kv.set("a", 2) }]'
  const granted = { asks: ['storage:kv'], granted: ['storage:kv'] }
  const host = await hostOf(
    hand(READ, WRITE),
    shop({ source, ...granted, spec: { storage: { quotaMb: 1, schemaVersion: 2 } } }),
  )
  await kept(host).set('a', 1)
  const refused = await does(host, 'set', { of: 'shop', key: 'a', value: 3 })
  expect([refused.status, refused.body['code']]).toEqual([409, 'MIGRATION_NEEDED'])
  expect((await does(host, 'get', { of: 'shop', key: 'a' })).text).toBe('1')
  await host.admin('POST', '/admin/plugins/shop/migrate')
  expect((await does(host, 'get', { of: 'shop', key: 'a' })).text).toBe('2')
  expect((await does(host, 'set', { of: 'shop', key: 'a', value: 3 })).status).toBe(200)
  host.installed.install(shop())
  await host.sync()
  expect((await does(host, 'set', { of: 'shop', key: 'a', value: 4 })).body['code']).toBe('STORAGE_NEWER')
})

test('data of persons is read and written only by plugins that say they handle it', async () => {
  const security = { dataClassification: ['pii'], authenticationRequired: true }
  const host = await hostOf(hand(READ), shop({ spec: { security } }))
  const refused = await does(host, 'get', { of: 'shop', key: 'a' })
  expect([refused.body['code'], refused.body['detail']]).toEqual([
    'PERMISSION_DENIED',
    '"shop" holds pii data, and "hand" lacks the trait handles_pii',
  ])
  host.installed.install({ ...hand(READ), spec: { traits: ['handles_pii'] } })
  await host.sync()
  expect((await does(host, 'get', { of: 'shop', key: 'a' })).text).toBe('"none"')
})

test('a migration gets at no keys but those of its plugin', async () => {
  const migrating = {
    ...hand('storage:kv', READ),
    source: `operations: {}, migrations: [{ to: 2, up: (kv) => kv.of('shop').get('a') }]`,
    spec: { storage: { quotaMb: 1, schemaVersion: 2 } },
    operations: {},
  }
  const host = await hostOf(migrating, shop())
  await host.storage.kv('hand', { quotaBytes: 1_000 }).set('a', 1)
  const failed = await host.admin('POST', '/admin/plugins/hand/migrate')
  expect([failed.body['code'], failed.body['detail']]).toEqual(['MIGRATION_FAILED', expect.stringContaining('kv.of')])
})
