import { expect, test } from 'vitest'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { outside } from './outside.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'

type Who = 'open' | 'admin' | 'plugin'
/** Who asks what, and the status of the answer: one row for each documented route, asked in this order. */
type Row = [who: Who, method: string, route: string, path: string, status: number, body?: unknown]

const subscription = { event_types: ['plugin.caller.said'], endpoint: 'inbox' }
const roleRows: Row[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [
  'plugin',
  method,
  '/{role}/{rest}',
  '/identity/users/42',
  200,
])

const override = {
  plugin: 'caller',
  digest: installedPlugins({ id: 'caller' }).get('caller')?.manifestDigest,
  finding: 'KEY_REVOKED',
  why: 'a false alarm',
  lifetimeMs: 60_000,
}

/** `{made}` in a path is the id in the answer before it that had one. */
const ROWS: Row[] = [
  ['open', 'GET', '/health', '/health', 200],
  ['open', 'GET', '/metrics', '/metrics', 200],
  ['open', 'GET', '/openapi.json', '/openapi.json', 200],
  ['open', 'GET', '/.well-known/jwks.json', '/.well-known/jwks.json', 200],
  ['open', 'POST', '/plugins/register', '/plugins/register', 200, plainManifest('fresh')],
  ['admin', 'GET', '/plugins', '/plugins', 200],
  ['admin', 'GET', '/plugins/{id}', '/plugins/user-management', 200],
  ['admin', 'GET', '/workspace/config/{id}', '/workspace/config/caller?environment=staging', 200],
  [
    ...(['admin', 'PUT', '/workspace/config/{id}', '/workspace/config/caller', 200] as const),
    { settings: { greeting: 'hello' }, why: 'a test', environment: 'staging' },
  ],
  ['admin', 'GET', '/workspace/config/{id}/history', '/workspace/config/caller/history', 200],
  ['plugin', 'GET', '/plugins/{id}/config', '/plugins/caller/config', 200],
  ['plugin', 'POST', '/plugins/{id}/heartbeat', '/plugins/caller/heartbeat', 200, { health: 'healthy' }],
  [
    'admin',
    'PUT',
    '/admin/plugins/{id}/address',
    '/admin/plugins/fresh/address',
    200,
    { address: 'http://127.0.0.1:1' },
  ],
  [
    'admin',
    'PUT',
    '/admin/plugins/{id}/grants',
    '/admin/plugins/caller/grants',
    200,
    {
      capabilities: [
        'operator:call:user-management/*',
        'event:publish:plugin.caller.*',
        'event:subscribe:plugin.caller.*',
        'net:connect:api.example.org:80',
      ],
    },
  ],
  ['admin', 'GET', '/admin/plugins/{id}/grants', '/admin/plugins/caller/grants', 200],
  [
    'admin',
    'PUT',
    '/admin/operator/allowlist',
    '/admin/operator/allowlist',
    200,
    { caller: 'fresh', target: 'caller', operations: ['act', '*'] },
  ],
  ['admin', 'GET', '/admin/operator/allowlist', '/admin/operator/allowlist?caller=fresh&target=caller', 200],
  [
    'admin',
    'GET',
    '/admin/audit',
    '/admin/audit?limit=5&offset=0&decision=allow&action=plugin.enable&target=caller&actor=admin:administrator&capability=',
    200,
  ],
  ['admin', 'GET', '/admin/users', '/admin/users', 200],
  ['admin', 'POST', '/admin/users', '/admin/users', 201, { name: 'bob' }],
  ['admin', 'POST', '/admin/overrides', '/admin/overrides', 201, override],
  ['admin', 'GET', '/admin/overrides', '/admin/overrides', 200],
  ['admin', 'DELETE', '/admin/users/{name}', '/admin/users/bob', 204],
  ['admin', 'POST', '/admin/overrides/{id}/approve', '/admin/overrides/{made}/approve', 200],
  ['admin', 'POST', '/admin/overrides/{id}/revoke', '/admin/overrides/{made}/revoke', 200],
  ['plugin', 'POST', '/messaging/events', '/messaging/events', 200, { event_type: 'plugin.caller.said' }],
  ['plugin', 'POST', '/messaging/subscriptions', '/messaging/subscriptions', 200, subscription],
  ['admin', 'POST', '/messaging/services/{plugin}/{service}', '/messaging/services/shop/price', 200, {}],
  ['plugin', 'POST', '/gateway/proxy', '/gateway/proxy', 200, { url: 'http://api.example.org/' }],
  ['plugin', 'POST', '/gateway/{plugin}/{operation}', '/gateway/user-management/user_info', 200, { id: 1 }],
  [
    'plugin',
    'POST',
    '/gateway/{plugin}/{operation}/stream',
    '/gateway/user-management/user_info/stream',
    200,
    { id: 1 },
  ],
  ...roleRows,
  ['admin', 'POST', '/admin/plugins/{id}/disable', '/admin/plugins/fresh/disable?reason=odd', 200],
  ['admin', 'POST', '/admin/plugins/{id}/enable', '/admin/plugins/fresh/enable', 200],
  ['admin', 'POST', '/admin/plugins/{id}/migrate', '/admin/plugins/caller/migrate?dryRun=true', 200],
  ['admin', 'DELETE', '/admin/plugins/{id}', '/admin/plugins/fresh', 204],
  ['plugin', 'DELETE', '/plugins/{id}', '/plugins/caller', 204],
  ['open', 'POST', '/auth/session', '/auth/session', 200],
  ['admin', 'GET', '/auth/me', '/auth/me', 200],
  ['admin', 'DELETE', '/auth/session', '/auth/session', 204],
]

const SHOP: TestPlugin = {
  id: 'shop',
  source: 'operations: {}, services: { price: () => 1 }',
  files: { 'schemas/any.json': {} },
  asks: ['service:provide:price'],
  granted: ['service:provide:price'],
  spec: {
    services: {
      provides: [
        {
          name: 'price',
          request: 'schemas/any.json',
          response: 'schemas/any.json',
          throttle: { perSecond: 1, burst: 1 },
        },
      ],
    },
  },
}

async function preparedHost(): Promise<{ host: TestHost; token: string }> {
  const installed = installedPlugins({
    id: 'caller',
    asks: ['operator:call:*/*', 'event:publish:**', 'event:subscribe:**', 'net:connect:**:80'],
    spec: {
      runtime: { kind: 'remote', endpoints: { inbox: '/inbox' } },
      traits: ['handles_pii'],
      security: { authenticationRequired: true, dataClassification: ['pii'] },
      compliance: { auditLevel: 'basic' },
      description: 'calls',
      settings: { greeting: { type: 'single-string', label: 'Greeting', default: 'hi' } },
      publisher: 'acme',
    },
  })
  installed.install(SHOP)
  const host = await openTestHost({
    installed,
    outside: await outside((_request, answer) => void answer.end('out there')),
  })
  const remote = await remotePlugin((_received, answer) => void answer.end('{}'))
  await host.sync()
  await host.enable('shop')
  await joined(host, MANIFEST, remote)
  return { host, token: await joined(host, plainManifest('caller'), remote) }
}

test('every documented route is asked here, and answers as it is documented', async () => {
  const { host, token } = await preparedHost()
  const { body: document } = await host.ask('GET', '/openapi.json')
  const paths = document['paths'] as Record<string, Record<string, { responses: object }>>
  const documented = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect(ROWS.map(([, method, route]) => `${method} ${route}`).toSorted()).toEqual(documented.toSorted())
  let made = ''
  for (const [who, method, route, pattern, status, body] of ROWS) {
    const path = pattern.replace('{made}', made)
    const sent = route === '/auth/session' && method === 'POST' ? { token: host.token } : body
    const bearer = { open: undefined, admin: host.token, plugin: token }[who]
    const answer = await host.ask(method, path, {
      headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` },
      ...(sent === undefined ? {} : { body: sent }),
    })
    if (typeof answer.body['id'] === 'string' && status === 201) made = answer.body['id']
    // The server of these tests answers INTERNAL where an answer breaks what its route declares.
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(status)
    expect(paths[route]?.[method.toLowerCase()]?.responses).toHaveProperty(String(status))
  }
})

test('a route takes what it declares and nothing else', async () => {
  const { host, token } = await preparedHost()
  const tried: [Who, string, string, unknown?][] = [
    ['admin', 'GET', '/plugins?more=1'],
    ['admin', 'GET', '/admin/audit?limit=0'],
    ['admin', 'GET', '/admin/audit?limit=501'],
    ['admin', 'GET', '/admin/audit?decision=maybe'],
    ['admin', 'GET', '/plugins/NOT_AN_ID'],
    ['admin', 'POST', '/admin/plugins/caller/enable', { more: 1 }],
    [
      'admin',
      'PUT',
      '/admin/operator/allowlist',
      { caller: 'caller', target: 'user-management', operations: ['a', 'a'] },
    ],
    ['plugin', 'POST', '/messaging/events', { event_type: 'a', more: 1 }],
    ['plugin', 'POST', '/messaging/subscriptions', { event_types: [], endpoint: 'inbox' }],
    ['plugin', 'POST', '/gateway/proxy', { url: '' }],
    ['open', 'POST', '/auth/session', {}],
  ]
  for (const [who, method, path, body] of tried) {
    const answer = await host.as(who === 'plugin' ? token : host.token, method, path, body)
    expect([answer.status, answer.body['code']], `${method} ${path}`).toEqual([400, 'HTTP_INVALID'])
  }
})

test('what is granted is read back; what is no capability is refused and changes nothing', async () => {
  const { host } = await preparedHost()
  const path = '/admin/plugins/caller/grants'
  const put = (capabilities: string[]) => host.admin('PUT', path, { capabilities })
  expect((await put(['storage:kv', 'net:connect:a.example'])).body).toEqual({
    plugin_id: 'caller',
    capabilities: ['net:connect:a.example', 'storage:kv'],
  })
  await host.refused(await put(['storage:kv', 'do:anything']), 400, 'CAPABILITY_INVALID')
  expect((await host.admin('GET', path)).body['capabilities']).toEqual(['net:connect:a.example', 'storage:kv'])
  expect((await host.audit({ action: 'capability.grant', decision: 'allow' }))[0]).toMatchObject({
    actor: 'admin:administrator',
    target: 'caller',
    reason: 'storage:kv net:connect:a.example',
  })
  expect((await put([])).body['capabilities']).toEqual([])
  expect((await host.audit({ action: 'capability.grant' }))[0]?.reason).toBe('none')
})

test('the operator allowlist is the part of the grants that names one target', async () => {
  const { host } = await preparedHost()
  await host.grant('caller', ['storage:kv', 'operator:call:other/act'])
  const put = (target: string, operations: string[]) =>
    host.admin('PUT', '/admin/operator/allowlist', { caller: 'caller', target, operations })
  expect((await put('user-management', ['user_info', 'health'])).body['operations']).toEqual(['health', 'user_info'])
  expect((await put('user-management', ['user_info'])).body['operations']).toEqual(['user_info'])
  const get = (target: string) => host.admin('GET', `/admin/operator/allowlist?caller=caller&target=${target}`)
  expect((await get('other')).body).toEqual({ caller: 'caller', target: 'other', operations: ['act'] })
  expect((await host.admin('GET', '/admin/plugins/caller/grants')).body['capabilities']).toEqual([
    'operator:call:other/act',
    'operator:call:user-management/user_info',
    'storage:kv',
  ])
  await host.refused(await put('user-management', ['a/b']), 400, 'CAPABILITY_INVALID')
  const nobody = { caller: 'nobody', target: 'caller', operations: ['act'] }
  await host.refused(await host.admin('PUT', '/admin/operator/allowlist', nobody), 404, 'PLUGIN_UNKNOWN')
})

test('grants, addresses and states that change at once are all kept', async () => {
  const { host } = await preparedHost()
  await Promise.all([
    host.admin('PUT', '/admin/plugins/caller/address', { address: 'http://a.example:1' }),
    host.admin('POST', '/admin/plugins/caller/disable?reason=odd'),
    host.admin('PUT', '/admin/operator/allowlist', { caller: 'caller', target: 'a', operations: ['x'] }),
    host.admin('PUT', '/admin/operator/allowlist', { caller: 'caller', target: 'b', operations: ['y'] }),
  ])
  expect((await host.admin('GET', '/plugins/caller')).body).toMatchObject({
    status: 'disabled',
    address: 'http://a.example:1',
  })
  expect((await host.admin('GET', '/admin/plugins/caller/grants')).body['capabilities']).toEqual([
    'operator:call:a/x',
    'operator:call:b/y',
  ])
})
