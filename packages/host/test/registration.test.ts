import { expect, test } from 'vitest'
import { limits, type Json, type Problem } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { openTestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'

test('a valid manifest is answered 200 with status, plugin_id and token, and waits to be enabled', async () => {
  const host = await openTestHost()
  const answer = await host.ask('POST', '/plugins/register', { body: MANIFEST })
  expect([answer.status, answer.body]).toEqual([
    200,
    { status: 'registered', plugin_id: 'user-management', token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/) },
  ])
  const { body } = await host.admin('GET', '/plugins/user-management')
  expect(body).toMatchObject({ status: 'registered', health: 'unknown', kind: 'remote', manifest: MANIFEST })
  expect(JSON.stringify(body)).not.toContain(answer.body['token'])
  const [entry] = await host.audit({ action: 'plugin.register' })
  expect(entry).toMatchObject({ actor: 'plugin:user-management', decision: 'allow', target: 'user-management' })
})

const faults: [string, Json, string[]][] = [
  ['no object', [], ['']],
  ['nothing in it', {}, ['/id', '/name', '/version', '/contracts', '/traits', '/security']],
  ['an id in capitals', { ...MANIFEST, id: 'Users' }, ['/id']],
  ['an id with an underscore', { ...MANIFEST, id: 'user_management' }, ['/id']],
  ['a version that is none', { ...MANIFEST, version: '1' }, ['/version']],
  ['no contract', { ...MANIFEST, contracts: [] }, ['/contracts']],
  ['a reserved trait', { ...MANIFEST, traits: ['handles_pii', ' Root '] }, ['/traits/1']],
  [
    'handles_phi without class, controls and auditing',
    { ...MANIFEST, traits: ['handles_phi', 'handles_pii'], compliance: {} },
    ['/security/data_classification', '/compliance/hipaa_controls', '/compliance/audit_level'],
  ],
  [
    'external_service without domains',
    { ...MANIFEST, traits: ['handles_pii', 'external_service'] },
    ['/allowed_domains'],
  ],
  [
    'domains that lead inside',
    { ...MANIFEST, allowed_domains: ['localhost', '8.8.8.8', 'api.example.org', '2130706433'] },
    ['/allowed_domains/0', '/allowed_domains/1', '/allowed_domains/3'],
  ],
  ['an endpoint that climbs', { ...MANIFEST, endpoints: { up: '/../admin' } }, ['/endpoints/up']],
  [
    'no authentication',
    { ...MANIFEST, security: { authentication_required: false, data_classification: ['pii'] } },
    ['/security/authentication_required'],
  ],
  [
    'resources out of range',
    { ...MANIFEST, resources: { memory_limit: 63, cpu_limit: '1' } },
    ['/resources/memory_limit', '/resources/cpu_limit'],
  ],
]

test.each(faults)(
  'a manifest with %s is answered 400 with every fault, and nothing is stored',
  async (_what, manifest, pointers) => {
    const host = await openTestHost()
    const answer = await host.ask('POST', '/plugins/register', { body: manifest })
    const entry = await host.refused(answer, 400, 'DIALECT_INVALID')
    const errors = answer.body['errors'] as Problem[]
    expect(errors.map(({ pointer }) => pointer)).toEqual(pointers)
    for (const { message } of errors) expect(answer.body['detail']).toContain(message)
    expect(entry).toMatchObject({ action: 'plugin.register', actor: 'unknown' })
    expect((await host.admin('GET', '/plugins')).body['total']).toBe(0)
  },
)

test('a body that is no JSON, or holds a key twice, is answered 400', async () => {
  const host = await openTestHost()
  for (const raw of ['{"id": ', '{"id":"a","id":"b"}', '']) {
    const answer = await host.ask('POST', '/plugins/register', { raw })
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/problem+json'])
  }
})

test('an id that is taken is answered 409, with a token of somebody else too', async () => {
  const host = await openTestHost()
  await host.register(MANIFEST)
  const other = await host.register(plainManifest('other'))
  for (const headers of [{}, { authorization: `Bearer ${other}` }])
    await host.refused(await host.ask('POST', '/plugins/register', { body: MANIFEST, headers }), 409, 'PLUGIN_EXISTS')
  const forged = { authorization: 'Bearer none.of.ours' }
  await host.refused(
    await host.ask('POST', '/plugins/register', { body: MANIFEST, headers: forged }),
    401,
    'TOKEN_INVALID',
  )
})

test('of two registrations of one id at the same moment one is answered 409', async () => {
  const host = await openTestHost()
  const both = [1, 2].map(() => host.ask('POST', '/plugins/register', { body: MANIFEST }))
  expect((await Promise.all(both)).map(({ status }) => status).toSorted()).toEqual([200, 409])
})

test('a plugin that shows its token registers again: the token rotates and what was disabled stays disabled', async () => {
  const host = await openTestHost()
  const first = await host.register(MANIFEST)
  await host.admin('POST', '/admin/plugins/user-management/disable?reason=quarantine')
  const second = await host.register({ ...MANIFEST, version: '1.0.1' }, first)
  expect((await host.admin('GET', '/plugins/user-management')).body).toMatchObject({
    status: 'disabled',
    statusReason: 'quarantine',
    version: '1.0.1',
  })
  await host.refused(await host.as(first, 'POST', '/plugins/user-management/heartbeat', {}), 401, 'TOKEN_INVALID')
  expect((await host.as(second, 'POST', '/plugins/user-management/heartbeat', {})).status).toBe(200)
  const headers = { authorization: `Bearer ${first}` }
  await host.refused(await host.ask('POST', '/plugins/register', { body: MANIFEST, headers }), 409, 'PLUGIN_EXISTS')
})

test('an active plugin that registers the same manifest again stays active; another manifest waits to be enabled', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  const status = async () => (await host.admin('GET', '/plugins/user-management')).body['status']
  const first = await joined(host, MANIFEST, remote)
  const second = await host.register(MANIFEST, first)
  expect(await status()).toBe('active')
  expect((await host.admin('POST', '/gateway/user-management/user_info', { id: 1 })).status).toBe(200)
  await host.as(second, 'POST', '/plugins/user-management/heartbeat', { health: 'degraded' })
  await host.register({ ...MANIFEST, endpoints: { user_info: '/admin/{id}' } }, second)
  expect(await status()).toBe('registered')
  expect((await host.admin('GET', '/plugins/user-management')).body['health']).toBe('unknown')
  const answer = await host.admin('POST', '/gateway/user-management/user_info', { id: 1 })
  await host.refused(answer, 503, 'PLUGIN_DISABLED')
})

test('from elsewhere registration needs the enrolment secret; a wrong one is refused from loopback too', async () => {
  const host = await openTestHost({ enrolmentSecret: 'open sesame' })
  const away = { manifest: MANIFEST, fromLoopback: false, pluginToken: undefined }
  for (const enrolmentSecret of [undefined, 'open', '']) {
    await expect(host.host.register({ ...away, enrolmentSecret, traceId: 'away' })).rejects.toMatchObject({
      code: 'TOKEN_INVALID',
    })
  }
  expect(await host.audit({ traceId: 'away', decision: 'deny' })).toHaveLength(3)
  const headers = { 'x-tenon-enrolment': 'open sesam' }
  await host.refused(await host.ask('POST', '/plugins/register', { body: MANIFEST, headers }), 401, 'TOKEN_INVALID')
  expect(await host.host.register({ ...away, enrolmentSecret: 'open sesame', traceId: 'let-in' })).toMatchObject({
    status: 'registered',
  })
})

test('where no enrolment secret is set nobody registers from elsewhere, whatever they show', async () => {
  const host = await openTestHost()
  const away = { manifest: MANIFEST, fromLoopback: false, pluginToken: undefined, enrolmentSecret: 'anything' }
  await expect(host.host.register({ ...away, traceId: 't' })).rejects.toMatchObject({ code: 'TOKEN_INVALID' })
})

test('registration never activates: such a plugin heartbeats, and every lane is closed to it and of it', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  const token = await host.register(plainManifest('fresh', { endpoints: { act: '/act', inbox: '/inbox' } }))
  await host.grant('fresh', ['operator:call:*/*', 'event:publish:**', 'event:subscribe:**'])
  expect((await host.as(token, 'POST', '/plugins/fresh/heartbeat', { health: 'healthy' })).status).toBe(200)
  const tried: [string, string, Json?][] = [
    ['POST', '/gateway/target/act', {}],
    ['POST', '/gateway/proxy', { url: 'https://api.example.org/' }],
    ['GET', '/target/act'],
    ['POST', '/messaging/events', { event_type: 'plugin.fresh.said' }],
    ['POST', '/messaging/subscriptions', { event_types: ['plugin.target.said'], endpoint: 'inbox' }],
  ]
  for (const [method, path, body] of tried)
    await host.refused(await host.as(token, method, path, body), 403, 'PERMISSION_DENIED')
  await host.refused(await host.admin('POST', '/gateway/fresh/act', {}), 503, 'PLUGIN_DISABLED')
  expect(remote.received).toEqual([])
})

test('an id that is installed and runs inside cannot be registered from outside', async () => {
  const host = await openTestHost()
  host.installed.install({ id: 'notes' })
  const answer = await host.ask('POST', '/plugins/register', { body: plainManifest('notes') })
  await host.refused(answer, 409, 'PLUGIN_EXISTS')
})

test('a token is good for its lifetime and not longer', async () => {
  const world = simulatedWorld(1)
  const host = await openTestHost({ world })
  const token = await host.register(MANIFEST)
  const beat = () => host.as(token, 'POST', '/plugins/user-management/heartbeat', {})
  await world.advance(limits.tokenLifetimeMs - 1_000)
  expect((await beat()).status).toBe(200)
  await world.advance(1_000)
  await host.refused(await beat(), 401, 'TOKEN_INVALID')
})
