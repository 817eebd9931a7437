import { request } from 'node:http'
import { expect, test } from 'vitest'
import { decodeJwt } from 'jose'
import { simulatedWorld } from '@tenon/testkit'
import { limits } from '@tenon/contract'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin, type RemotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const TARGET = {
  ...MANIFEST,
  endpoints: {
    health: '/health',
    user_info: '/api/users/{id}',
    all: '/api/users',
    one: '/api/users/me',
    'v2.any': '/v2/{any}/{thing}',
  },
}
const CALLER = { ...MANIFEST, id: 'caller', contracts: ['CallerPlugin'], endpoints: {} }

async function withIdentity(
  remote: RemotePlugin,
  granted = ['operator:call:user-management/*'],
): Promise<{ host: TestHost; token: string }> {
  const host = await openTestHost()
  await joined(host, TARGET, remote)
  const token = await joined(host, CALLER)
  await host.grant('caller', granted)
  return { host, token }
}

/** Sends a path as it is: no client library may tidy it. */
const rawGet = (url: string, path: string, token: string): Promise<{ status: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const headers = { authorization: `Bearer ${token}`, 'x-trace-id': `raw-${Math.round(performance.now() * 1000)}` }
    request({ hostname, port, path, headers, agent: false }, async (answer) => {
      const text = Buffer.concat(await Array.fromAsync(answer as AsyncIterable<Buffer>)).toString()
      resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text || '{}') })
    })
      .on('error', reject)
      .end()
  })

test('GET /identity/users/42 meets /api/users/{id} of the plugin that holds the role', async () => {
  const remote = await remotePlugin(
    (_received, answer) =>
      void answer
        .writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b', 'x-inner': '1' })
        .end('{"user_id":"42"}'),
  )
  const { host, token } = await withIdentity(remote)
  const answer = await host.as(token, 'GET', '/identity/users/42?fields=a,b&q=1?2')
  expect([answer.status, answer.body]).toEqual([200, { user_id: '42' }])
  expect(answer.headers).toMatchObject({ 'content-type': 'application/json' })
  for (const name of ['set-cookie', 'x-inner']) expect(answer.headers).not.toHaveProperty(name)
  expect(remote.received).toMatchObject([{ method: 'GET', path: '/api/users/42?fields=a,b&q=1?2', body: '' }])
  const claims = decodeJwt(String(remote.received[0]?.headers.authorization).slice('Bearer '.length))
  expect(claims).toMatchObject({ sub: 'caller', aud: 'user-management' })
  expect(JSON.stringify(remote.received)).not.toContain(token)
  const entries = await host.audit({ traceId: String(answer.headers['x-trace-id']) })
  expect(entries.map(({ action, target, capability }) => [action, target, capability])).toEqual([
    ['operator.route', 'identity/users/42', undefined],
    ['operator.admit', 'identity/users/42', 'operator:call:user-management/user_info'],
  ])
})

test.each([
  ['/identity/api/users/42', '/api/users/42'],
  ['/identity/users', '/api/users'],
  ['/identity/users/me', '/api/users/me'],
  ['/identity/health', '/health'],
  ['/identity/users/a%20b', '/api/users/a%20b'],
  ['/identity/v2/a/b', '/v2/a/b'],
])('%s meets %s', async (path, met) => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote)
  expect((await rawGet(host.url, path, token)).status).toBe(200)
  expect(remote.received[0]?.path).toBe(met)
})

test.each(['/identity/users/42/roles', '/identity/api', '/identity/ers/42', '/identity/users/42/', '/identity/'])(
  '%s meets no declared endpoint: 404',
  async (path) => {
    const remote = await remotePlugin()
    const host = await openTestHost()
    await joined(host, MANIFEST, remote)
    const token = await joined(host, CALLER)
    await host.grant('caller', ['operator:call:user-management/*'])
    const answer = await rawGet(host.url, path, token)
    // A final slash is the same path.
    expect(answer.status).toBe(path === '/identity/users/42/' ? 200 : 404)
    expect(remote.received).toHaveLength(path === '/identity/users/42/' ? 1 : 0)
  },
)

test('a variable alone is not met by the end of a path', async () => {
  const remote = await remotePlugin()
  const host = await openTestHost()
  await joined(host, MANIFEST, remote)
  const token = await joined(host, CALLER)
  await host.grant('caller', ['operator:call:user-management/*'])
  await host.refused(await host.as(token, 'GET', '/identity/42'), 404, 'HTTP_ROUTE_UNKNOWN')
  expect(remote.received).toEqual([])
})

test.each([
  '/identity/users/..',
  '/identity/users/../../admin',
  '/identity/users/.',
  '/identity/users/%2e%2e',
  '/identity/users/%2E%2e/x',
  '/identity/users/.%2e',
  '/identity/users/a%2fb',
  '/identity/users/a%2Fb',
  '/identity/users/a%5cb',
  '/identity/users/a%00',
  '/identity/users//42',
  '/identity//users/42',
])('%s is refused', async (path) => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote)
  const answer = await rawGet(host.url, path, token)
  expect(answer).toMatchObject({ status: 400, body: { code: 'HTTP_INVALID' } })
  expect(remote.received).toEqual([])
  expect(await host.audit({ action: 'operator.route', decision: 'deny' })).toMatchObject([{ reason: 'HTTP_INVALID' }])
})

test('a role that is spelt in another way is no role', async () => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote)
  for (const path of ['/ident%69ty/users/42', '/ident%69ty/identity/users/42', '/Identity/users/42', '/nobody/x'])
    expect(await rawGet(host.url, path, token), path).toMatchObject({
      status: 404,
      body: { code: 'HTTP_ROUTE_UNKNOWN' },
    })
  expect(remote.received).toEqual([])
})

test('a role whose holder is disabled is 503, one nobody holds is 404', async () => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote)
  await host.admin('POST', '/admin/plugins/user-management/disable')
  await host.refused(await host.as(token, 'GET', '/identity/users/42'), 503, 'PLUGIN_DISABLED')
  await host.admin('DELETE', '/admin/plugins/user-management')
  await host.refused(await host.as(token, 'GET', '/identity/users/42'), 404, 'HTTP_ROUTE_UNKNOWN')
  expect(remote.received).toEqual([])
})

test('a caller without the grant, or without the trait for the data, is 403', async () => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote, ['operator:call:user-management/health'])
  const entry = await host.refused(await host.as(token, 'GET', '/identity/users/42'), 403, 'PERMISSION_DENIED')
  expect(entry.capability).toBe('operator:call:user-management/user_info')
  const plain = await joined(host, plainManifest('plain'))
  await host.grant('plain', ['operator:call:*/*'])
  await host.refused(await host.as(plain, 'GET', '/identity/users/42'), 403, 'PERMISSION_DENIED')
  expect(remote.received).toEqual([])
})

test.each([
  'plugins',
  'gateway',
  'messaging',
  'admin',
  'auth',
  'workspace',
  'runs',
  'map',
  'ledger',
  'policy',
  'registry',
  'ui',
  'assets',
  'api',
  'ws',
  'log',
  'keys',
  'health',
  'metrics',
])('the word %s is never a role', async (word) => {
  const remote = await remotePlugin()
  const host = await openTestHost()
  const contracts = [`${word.replace(/^./, (first) => first.toUpperCase())}Plugin`]
  await joined(host, plainManifest('sly', { contracts, endpoints: { mine: '/mine/act' } }), remote)
  const token = await joined(host, CALLER)
  await host.grant('caller', ['operator:call:*/*'])
  const answer = await host.as(token, 'GET', `/${word}/mine/act`)
  expect([401, 404], answer.text).toContain(answer.status)
  expect(remote.received).toEqual([])
})

test('a contract’s words become a role with hyphens', async () => {
  const remote = await remotePlugin()
  const host = await openTestHost()
  await joined(
    host,
    plainManifest('sender', { contracts: ['Plugin', 'FaxMachinePlugin'], endpoints: { send: '/send' } }),
    remote,
  )
  const token = await joined(host, CALLER)
  await host.grant('caller', ['operator:call:sender/send'])
  expect((await host.as(token, 'POST', '/fax-machine/send', { to: 1 })).status).toBe(200)
  expect(remote.received).toMatchObject([{ method: 'POST', path: '/send', body: '{"to":1}' }])
})

test('body bytes and content type are passed on as they are; a GET has no body', async () => {
  const remote = await remotePlugin()
  const { host, token } = await withIdentity(remote)
  const send = (method: string, contentType: string) =>
    host.as(token, method, '/identity/users/42', undefined, {
      raw: 'a,b\r\n',
      headers: { 'content-type': contentType },
    })
  await send('PUT', 'text/csv')
  await send('GET', 'text/csv')
  await host.as(token, 'DELETE', '/identity/users/42')
  expect(remote.received.map(({ method, body, headers }) => [method, body, headers['content-type']])).toEqual([
    ['PUT', 'a,b\r\n', 'text/csv'],
    ['GET', '', 'text/csv'],
    ['DELETE', '', undefined],
  ])
})

test('what the plugin answers is passed on, an error too; a redirect or a 401 is a fault of the plugin', async () => {
  let status = 200
  const remote = await remotePlugin((_received, answer) => {
    answer.writeHead(status, status === 301 ? { location: '/elsewhere' } : {})
    answer.end(status === 204 ? undefined : `said ${status}`)
  })
  const { host, token } = await withIdentity(remote)
  const ask = () => host.as(token, 'GET', '/identity/users/42')
  for (status of [201, 404, 409, 422, 500, 503]) {
    const answer = await ask()
    expect([answer.status, answer.text, answer.headers['content-type']]).toEqual([
      status,
      `said ${status}`,
      'application/octet-stream',
    ])
  }
  status = 204
  expect([(await ask()).status, (await ask()).text]).toEqual([204, ''])
  for (status of [301, 401]) {
    const answer = await ask()
    expect([answer.status, answer.body['code']]).toEqual([502, 'UPSTREAM_UNREACHABLE'])
    expect(answer.headers).not.toHaveProperty('location')
  }
})

test('a dead holder is 502, a hanging one 504', async () => {
  const world = simulatedWorld(1)
  const host = await openTestHost({ world })
  const remote = await remotePlugin(() => undefined)
  await joined(host, MANIFEST, remote)
  const token = await joined(host, CALLER)
  await host.grant('caller', ['operator:call:user-management/*'])
  const asked = host.as(token, 'GET', '/identity/users/42')
  await eventually(() => expect(remote.received).toHaveLength(1))
  await world.advance(limits.callMs)
  await host.refused(await asked, 504, 'CALL_TIMEOUT')
  await remote.close()
  await host.refused(await host.as(token, 'GET', '/identity/users/42'), 502, 'UPSTREAM_UNREACHABLE')
})

test('a plugin that runs inside holds its role, and declares no endpoint', async () => {
  const installed = installedPlugins({ id: 'inside', spec: { contracts: ['StoragePlugin'] } })
  const host = await openTestHost({ installed })
  await host.sync()
  await host.enable('inside')
  const token = await joined(host, CALLER)
  await host.refused(await host.as(token, 'GET', '/storage/x'), 404, 'HTTP_ROUTE_UNKNOWN')
})
