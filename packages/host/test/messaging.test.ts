import { expect, test } from 'vitest'
import { decodeJwt } from 'jose'
import { limits, type Json } from '@tenon/contract'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const listener = (more: Partial<TestPlugin> = {}): TestPlugin => ({
  id: 'listener',
  source: `operations: { heard: (_, ctx) => ctx.kv.get('heard') },
  events: { 'plugin.sender.said': async (event, ctx) => ctx.kv.set('heard', [...((await ctx.kv.get('heard')) ?? []), event]) }`,
  operations: { heard: { out: {} } },
  asks: ['storage:kv', 'event:subscribe:plugin.**'],
  granted: ['storage:kv', 'event:subscribe:plugin.sender.*'],
  spec: { events: { handles: [{ type: 'plugin.sender.said' }] } },
  ...more,
})

const SENDER = plainManifest('sender')
const INBOX = plainManifest('receiver', { endpoints: { inbox: '/inbox', other: '/other' } })

async function withSender(host: TestHost): Promise<(event: Record<string, Json>) => ReturnType<TestHost['as']>> {
  const token = await joined(host, SENDER)
  await host.grant('sender', ['event:publish:plugin.sender.**'])
  return (event) => host.as(token, 'POST', '/messaging/events', { event_type: 'plugin.sender.said', ...event })
}

test('an event is answered when it is on disk, and reaches the contained plugin that handles it', async () => {
  const host = await openTestHost({ installed: installedPlugins(listener()) })
  await host.sync()
  await host.enable('listener')
  const publish = await withSender(host)
  const answer = await publish({ payload: { n: 1 }, metadata: { a: 'b' }, key: 'k', source_plugin: 'sender' })
  expect([answer.status, answer.body]).toEqual([
    200,
    { event_id: expect.stringMatching(/^[0-9A-Z]{26}$/), status: 'published' },
  ])
  const id = answer.body['event_id']
  expect(host.bus.tail({ limit: 1 })).toMatchObject([{ event: { id } }])
  const heard = await eventually(async () => {
    const { body } = await host.admin('POST', '/gateway/listener/heard', null)
    expect(body).toHaveLength(1)
    return body
  })
  expect(heard).toEqual([
    {
      id,
      type: 'plugin.sender.said',
      version: 1,
      source: 'sender',
      at: expect.any(String),
      traceId: answer.headers['x-trace-id'],
      key: 'k',
      dataTraits: [],
      payload: { n: 1 },
      metadata: { a: 'b' },
    },
  ])
  const traceId = String(answer.headers['x-trace-id'])
  const entries = await eventually(async () => {
    const found = (await host.audit({ traceId })).filter(({ action }) => action !== 'capability.use')
    expect(found).toHaveLength(2)
    return found
  })
  expect(entries.map(({ action, target, details }) => [action, target, details])).toEqual([
    ['event.deliver', 'listener', { eventId: id, type: 'plugin.sender.said' }],
    ['event.publish', 'plugin.sender.said', { eventId: id }],
  ])
})

test('an event reaches the endpoint that a remote plugin declares, signed for it', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  const token = await joined(host, INBOX, remote)
  await host.grant('receiver', ['event:subscribe:plugin.**'])
  const subscribe = (endpoint: string) =>
    host.as(token, 'POST', '/messaging/subscriptions', {
      event_types: ['plugin.sender.said', 'plugin.sender.*.deep'],
      endpoint,
    })
  const subscribed = await subscribe('inbox')
  expect([subscribed.status, subscribed.body]).toEqual([
    200,
    { status: 'subscribed', event_types: ['plugin.sender.said', 'plugin.sender.*.deep'] },
  ])
  const publish = await withSender(host)
  const { body } = await publish({ payload: [1] })
  await eventually(() => expect(remote.received).toHaveLength(1))
  const [received] = remote.received
  expect([received?.method, received?.path]).toEqual(['POST', '/inbox'])
  expect(JSON.parse(received?.body ?? '')).toMatchObject({
    event_id: body['event_id'],
    event_type: 'plugin.sender.said',
    source_plugin: 'sender',
    data_traits: [],
    payload: [1],
    metadata: {},
  })
  expect(decodeJwt(String(received?.headers.authorization).slice('Bearer '.length))).toMatchObject({
    sub: 'tenon:host',
    aud: 'receiver',
  })
  expect((await subscribe('other')).status).toBe(200)
  await publish({ event_type: 'plugin.sender.a.deep' })
  await eventually(() => expect(remote.received[1]?.path).toBe('/other'))
})

test('an event has the version that its publisher’s spec gives the type', async () => {
  const spec = {
    runtime: { kind: 'remote', endpoints: {} },
    events: { emits: [{ type: 'plugin.sender.said', version: 3, schema: 'schemas/said.json' }] },
  }
  const host = await openTestHost({
    installed: installedPlugins({ id: 'sender', spec, asks: ['event:publish:plugin.sender.*'] }),
  })
  const publish = await withSender(host)
  for (const event_type of ['plugin.sender.said', 'plugin.sender.sang'])
    expect((await publish({ event_type })).status).toBe(200)
  expect(host.bus.tail({ limit: 2 }).map(({ event }) => [event.type, event.version])).toEqual(
    expect.arrayContaining([
      ['plugin.sender.said', 3],
      ['plugin.sender.sang', 1],
    ]),
  )
})

test('an event that was not taken comes again', async () => {
  const host = await openTestHost()
  let refusals = 2
  const remote = await remotePlugin((_received, answer) => void answer.writeHead(refusals-- > 0 ? 500 : 204).end())
  const token = await joined(host, INBOX, remote)
  await host.grant('receiver', ['event:subscribe:plugin.**'])
  await host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.said'], endpoint: 'inbox' })
  const publish = await withSender(host)
  await publish({ payload: 1 })
  await eventually(async () => expect(await host.audit({ action: 'event.deliver' })).toHaveLength(1))
  expect(new Set(remote.received.map(({ body }) => body)).size).toBe(1)
  expect(remote.received).toHaveLength(3)
})

test('a disabled subscriber gets nothing; enabled again it goes on where it was, contained or remote', async () => {
  const host = await openTestHost({ installed: installedPlugins(listener()) })
  await host.sync()
  await host.enable('listener')
  const remote = await remotePlugin()
  const token = await joined(host, INBOX, remote)
  await host.grant('receiver', ['event:subscribe:plugin.sender.said'])
  await host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.said'], endpoint: 'inbox' })
  const publish = await withSender(host)
  for (const id of ['listener', 'receiver']) await host.admin('POST', `/admin/plugins/${id}/disable`)
  await publish({ payload: 'missed' })
  expect(await host.audit({ action: 'event.deliver' })).toEqual([])
  expect([remote.received, host.starts()]).toEqual([[], 0])
  for (const id of ['listener', 'receiver']) await host.enable(id)
  await eventually(async () => expect(await host.audit({ action: 'event.deliver', decision: 'allow' })).toHaveLength(2))
  expect(remote.received).toHaveLength(1)
  expect((await host.admin('POST', '/gateway/listener/heard', null)).body).toMatchObject([{ payload: 'missed' }])
})

test('disabling does not wait for a subscriber that hangs', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin(() => undefined)
  const token = await joined(host, INBOX, remote)
  await host.grant('receiver', ['event:subscribe:plugin.sender.said'])
  await host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.said'], endpoint: 'inbox' })
  const publish = await withSender(host)
  await publish({})
  await eventually(() => expect(remote.received).toHaveLength(1))
  expect((await host.admin('POST', '/admin/plugins/receiver/disable')).status).toBe(200)
  expect(await host.audit({ action: 'event.deliver' })).toEqual([])
})

test('subscriptions outlive a restart of the host', async () => {
  const first = await openTestHost()
  const remote = await remotePlugin()
  const token = await joined(first, INBOX, remote)
  await first.grant('receiver', ['event:subscribe:plugin.sender.said'])
  await first.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.said'], endpoint: 'inbox' })
  const publish = await withSender(first)
  await first.admin('POST', '/admin/plugins/receiver/disable')
  await publish({ payload: 'before' })
  await first.close()
  const second = await openTestHost({ folder: first.database.path.replace(/\/host\.db$/, '') })
  await second.enable('receiver')
  await eventually(() => expect(remote.received).toHaveLength(1))
})

const refusals: [string, Record<string, Json>, number, string][] = [
  ['a type that is none', { event_type: 'no spaces' }, 400, 'EVENT_INVALID'],
  ['a type with an empty label', { event_type: 'plugin.sender..said' }, 400, 'EVENT_INVALID'],
  ['a pattern', { event_type: 'plugin.sender.*' }, 400, 'EVENT_INVALID'],
  ['another plugin’s name', { event_type: 'plugin.receiver.said' }, 403, 'PERMISSION_DENIED'],
  ['a canonical type that is not granted', { event_type: 'UserCreated' }, 403, 'PERMISSION_DENIED'],
  ['data traits that the sender lacks', { data_traits: ['internal', 'pii'] }, 403, 'PERMISSION_DENIED'],
  ['a payload over the bound', { payload: 'x'.repeat(limits.eventBytes) }, 400, 'EVENT_INVALID'],
]

test.each(refusals)('%s is refused, and nothing is published', async (_what, event, status, code) => {
  const host = await openTestHost()
  const publish = await withSender(host)
  const entry = await host.refused(await publish(event), status, code)
  expect(entry).toMatchObject({ action: 'event.publish', actor: 'plugin:sender' })
  expect(host.bus.tail({ limit: 1 })).toEqual([])
})

test('an event that the bus refuses is recorded as such', async () => {
  const host = await openTestHost()
  await host.bus.registerEventType({ type: 'plugin.sender.said', version: 1, schema: { type: 'number' } })
  const publish = await withSender(host)
  await host.refused(await publish({ payload: 'text' }), 400, 'EVENT_INVALID')
})

test('data of persons reaches only plugins that say they handle it', async () => {
  const host = await openTestHost({
    installed: installedPlugins(
      listener({
        spec: { events: { handles: [{ type: 'plugin.user-management.said' }] } },
        granted: ['event:subscribe:plugin.**'],
      }),
    ),
  })
  await host.sync()
  await host.enable('listener')
  const remote = await remotePlugin()
  const careful = await joined(
    host,
    { ...MANIFEST, id: 'careful', contracts: ['CarefulPlugin'], endpoints: { inbox: '/inbox' } },
    remote,
  )
  await host.grant('careful', ['event:subscribe:**'])
  await host.as(careful, 'POST', '/messaging/subscriptions', {
    event_types: ['plugin.user-management.said'],
    endpoint: 'inbox',
  })
  const token = await joined(host, MANIFEST)
  await host.grant('user-management', ['event:publish:plugin.user-management.said'])
  const said = { event_type: 'plugin.user-management.said', data_traits: ['pii'], payload: 'born 1815' }
  expect((await host.as(token, 'POST', '/messaging/events', said)).status).toBe(200)
  await eventually(() => expect(remote.received).toHaveLength(1))
  await eventually(async () =>
    expect(await host.audit({ action: 'event.deliver', decision: 'deny' })).toMatchObject([
      { target: 'listener', reason: 'lacks the trait handles_pii', actor: 'plugin:user-management' },
    ]),
  )
  expect(JSON.stringify(await host.audit({}))).not.toContain('1815')
  expect(host.starts()).toBe(0)
})

test('an event that is not granted to its subscriber is not delivered, and that is recorded; a grant opens the way', async () => {
  const host = await openTestHost({ installed: installedPlugins(listener({ granted: ['storage:kv'] })) })
  await host.sync()
  await host.enable('listener')
  const publish = await withSender(host)
  await publish({ payload: 1 })
  await eventually(async () =>
    expect(await host.audit({ action: 'event.deliver' })).toMatchObject([
      { decision: 'deny', reason: 'event:subscribe:plugin.sender.said is not allowed' },
    ]),
  )
  expect(host.starts()).toBe(0)
  await host.grant('listener', ['event:subscribe:plugin.sender.said'])
  await publish({ payload: 2 })
  await eventually(async () => expect(await host.audit({ action: 'event.deliver', decision: 'allow' })).toHaveLength(1))
})

test('a grant of one label is no grant of what lies deeper: neither to subscribe nor, later, to be delivered', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  const token = await joined(host, INBOX, remote)
  const subscribe = () =>
    host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.**'], endpoint: 'inbox' })
  await host.grant('receiver', ['event:subscribe:plugin.sender.*'])
  await host.refused(await subscribe(), 403, 'PERMISSION_DENIED')
  await host.grant('receiver', ['event:subscribe:plugin.**'])
  expect((await subscribe()).status).toBe(200)
  await host.grant('receiver', ['event:subscribe:plugin.sender.*'])
  const publish = await withSender(host)
  await publish({ event_type: 'plugin.sender.deep.secret' })
  await publish({ event_type: 'plugin.sender.said' })
  await eventually(() => expect(remote.received).toHaveLength(1))
  expect(JSON.parse(remote.received[0]?.body ?? '')).toMatchObject({ event_type: 'plugin.sender.said' })
})

test('a subscription is refused without a grant, for an endpoint that is not declared, and for what is no type', async () => {
  const host = await openTestHost()
  const token = await joined(host, INBOX)
  await host.grant('receiver', ['event:subscribe:plugin.sender.said'])
  const subscribe = (event_types: string[], endpoint = 'inbox') =>
    host.as(token, 'POST', '/messaging/subscriptions', { event_types, endpoint })
  const entry = await host.refused(
    await subscribe(['plugin.sender.said', 'plugin.other.said']),
    403,
    'PERMISSION_DENIED',
  )
  expect(entry).toMatchObject({ action: 'event.subscribe', capability: 'event:subscribe:plugin.other.said' })
  await host.refused(await subscribe(['plugin.sender.said'], 'nowhere'), 404, 'OPERATION_UNKNOWN')
  await host.refused(await subscribe(['plugin.sender.said'], 'constructor'), 404, 'OPERATION_UNKNOWN')
  await host.refused(await subscribe(['no spaces']), 400, 'EVENT_INVALID')
  expect(host.host.table.subscriptions('receiver')).toEqual([])
})

test('a plugin has a bounded number of subscriptions', async () => {
  const host = await openTestHost()
  const token = await joined(host, INBOX)
  await host.grant('receiver', ['event:subscribe:plugin.**'])
  const subscribe = (event_types: string[]) =>
    host.as(token, 'POST', '/messaging/subscriptions', { event_types, endpoint: 'inbox' })
  const types = Array.from({ length: limits.eventSubscriptionsMax }, (_, index) => `plugin.sender.n${index}`)
  expect((await subscribe(types)).status).toBe(200)
  expect((await subscribe(types)).status).toBe(200)
  await host.refused(await subscribe(['plugin.sender.more']), 413, 'QUOTA_EXCEEDED')
})

test('an endpoint that a plugin no longer declares gets nothing', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  const token = await joined(host, INBOX, remote)
  await host.grant('receiver', ['event:subscribe:plugin.**'])
  await host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.sender.said'], endpoint: 'inbox' })
  await host.register({ ...INBOX, endpoints: {} }, token)
  await host.enable('receiver')
  const publish = await withSender(host)
  await publish({})
  await eventually(() => expect(host.bus.deadLetters({ limit: 1 })).toHaveLength(1))
  expect(host.bus.deadLetters({ limit: 1 })).toMatchObject([
    { subscriber: 'receiver', reason: expect.stringContaining('inbox') },
  ])
  expect(remote.received).toEqual([])
})
