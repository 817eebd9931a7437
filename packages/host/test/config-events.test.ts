import { expect, test } from 'vitest'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, plainManifest, remotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const TYPE = 'host.config.changed'

const NOTES: TestPlugin = {
  id: 'notes',
  spec: {
    settings: {
      depth: { type: 'integer', label: 'Depth', default: 3, min: 1 },
      token: { type: 'secret', label: 'Token' },
    },
  },
}

/** A plugin that keeps what it hears. */
const WATCH: TestPlugin = {
  id: 'watch',
  source: `operations: { heard: (_, ctx) => ctx.kv.get('heard').then((heard) => heard ?? []), say: (type, ctx) => ctx.events.publish(type, null) },
  events: { '${TYPE}': async (event, ctx) => ctx.kv.set('heard', [...((await ctx.kv.get('heard')) ?? []), event]) }`,
  operations: { heard: { out: {} }, say: { in: {} } },
  asks: ['storage:kv', 'event:subscribe:host.**', 'event:publish:**'],
  granted: ['storage:kv', `event:subscribe:${TYPE}`, 'event:publish:**'],
  spec: { events: { handles: [{ type: TYPE }] } },
}

async function hostOf(watch: Partial<TestPlugin> = {}): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(NOTES, { ...WATCH, ...watch }) })
  await host.sync()
  for (const id of ['notes', 'watch']) await host.enable(id)
  return host
}

const set = (host: TestHost, settings: object, more: object = {}) =>
  host.admin('PUT', '/workspace/config/notes', { settings, why: 'because of hunter3', ...more })
const heard = async (host: TestHost) => (await host.admin('POST', '/gateway/watch/heard', null)).body
const published = (host: TestHost) => host.bus.tail({ limit: 9 }).map(({ event }) => event)

test('a change of settings reaches the plugin that handles it: whose, which, where, by whom, and no value', async () => {
  const host = await hostOf()
  const { headers } = await set(host, { depth: 4711, token: 'hunter2' })
  await set(host, { depth: null }, { environment: 'staging' })
  const who = 'admin:administrator'
  await eventually(async () =>
    expect(await heard(host)).toMatchObject([
      {
        ...{ type: TYPE, version: 1, source: 'host', key: 'notes', traceId: headers['x-trace-id'] },
        payload: { plugin: 'notes', settings: ['depth', 'token'], version: 1, who },
      },
      { payload: { plugin: 'notes', settings: ['depth'], environment: 'staging', version: 2, who } },
    ]),
  )
  expect(JSON.stringify(published(host))).not.toMatch(/4711|hunter/)
  const [entry] = await host.audit({ action: 'event.deliver', traceId: String(headers['x-trace-id']) })
  expect(entry).toMatchObject({ actor: 'host', target: 'watch', decision: 'allow', details: { type: TYPE } })
})

test('settings that a migration writes are told as a change is, wherever they hold', async () => {
  const host = await hostOf()
  await set(host, { depth: 4711, token: 'hunter2' }, { environment: 'staging' })
  await set(host, { depth: 9 }, { environment: 'test' })
  host.installed.install({
    ...NOTES,
    source: 'operations: {}, settingsMigrations: [{ to: 2, up: ({ depth, ...rest }) => ({ ...rest, deep: depth }) }]',
    spec: {
      ...{ version: '2.0.0', settingsVersion: 2 },
      settings: { ...Object(NOTES.spec?.['settings']), deep: { type: 'integer', label: 'Deep' } },
    },
  })
  await host.sync()
  const { status, headers } = await host.admin('POST', '/admin/plugins/notes/migrate')
  expect(status).toBe(200)
  const told = published(host).filter(({ traceId }) => traceId === headers['x-trace-id'])
  const who = 'admin:administrator'
  expect(told.map(({ payload }) => payload)).toEqual([
    { plugin: 'notes', settings: ['depth', 'token', 'deep'], environment: 'staging', version: 4, who },
    { plugin: 'notes', settings: ['depth', 'deep'], environment: 'test', version: 5, who },
  ])
  expect(JSON.stringify(told)).not.toMatch(/4711|hunter/)
})

test('a change of settings reaches the endpoint of a remote plugin that subscribed', async () => {
  const host = await hostOf()
  const remote = await remotePlugin()
  const token = await joined(host, plainManifest('far', { endpoints: { inbox: '/inbox' } }), remote)
  const subscribe = () => host.as(token, 'POST', '/messaging/subscriptions', { event_types: [TYPE], endpoint: 'inbox' })
  expect((await subscribe()).body['code']).toBe('PERMISSION_DENIED')
  await host.grant('far', ['event:subscribe:host.config.*'])
  expect((await subscribe()).status).toBe(200)
  await set(host, { depth: 5 })
  await eventually(() => expect(remote.received.map(({ path }) => path)).toEqual(['/inbox']))
  expect(JSON.parse(remote.received[0]?.body ?? '')).toMatchObject({
    ...{ event_type: TYPE, source_plugin: 'host' },
    payload: { plugin: 'notes', settings: ['depth'], version: 1 },
  })
})

test('who is not granted the event is not told', async () => {
  const host = await hostOf({ granted: ['storage:kv'] })
  await set(host, { depth: 5 })
  await eventually(async () =>
    expect(await host.audit({ action: 'event.deliver' })).toMatchObject([
      { actor: 'host', target: 'watch', decision: 'deny', reason: `event:subscribe:${TYPE} is not allowed` },
    ]),
  )
  expect(await heard(host)).toEqual([])
})

test('a change that is refused is published to nobody', async () => {
  const host = await hostOf()
  await host.refused(await set(host, { depth: 0 }), 400, 'CONFIG_INVALID')
  expect(published(host)).toEqual([])
})

test.each([TYPE, 'host.anything'])(
  'no plugin speaks in the name of the host, whatever was granted: %s',
  async (type) => {
    const host = await hostOf()
    const refused = await host.admin('POST', '/gateway/watch/say', type)
    expect([refused.status, refused.body['code'], refused.body['detail']]).toEqual([
      ...[403, 'PERMISSION_DENIED', `"${type}" is in the host's own name space`],
    ])
    expect(await host.audit({ action: 'event.publish', decision: 'deny' })).toMatchObject([
      { actor: 'plugin:watch', target: type, capability: `event:publish:${type}` },
    ])
    expect(published(host)).toEqual([])
  },
)
