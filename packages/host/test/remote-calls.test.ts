import { expect, test } from 'vitest'
import { decodeJwt } from 'jose'
import { limits, type Json } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { openTestHost } from './open-test-host.ts'
import { installedPlugins } from './installed-plugins.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const TARGET = { ...MANIFEST, endpoints: { user_info: '/api/users/{id}/of/{team}', 'set-name': '/name' } }

test('input fills the endpoint’s template, the rest is the body, and the answer is the output', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin((_received, answer) => void answer.end('{"department":"sales"}'))
  await joined(host, TARGET, remote)
  const answer = await host.admin('POST', '/gateway/user-management/user_info', { id: 'ä b', team: 7, fields: ['x'] })
  expect([answer.status, answer.body]).toEqual([200, { department: 'sales' }])
  expect(remote.received).toMatchObject([
    {
      method: 'POST',
      path: '/api/users/%C3%A4%20b/of/7',
      body: '{"fields":["x"]}',
      headers: { 'content-type': 'application/json' },
    },
  ])
  await host.admin('POST', '/gateway/user-management/set_name', 'Ada')
  expect(remote.received[1]).toMatchObject({ path: '/name', body: '"Ada"' })
})

test('what fills a path is one segment: no slash, no dots, nothing empty or missing', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, TARGET, remote)
  const values: Json[] = ['..', '.', '', 'a/b', '\\', null, {}, true]
  for (const id of values)
    await host.refused(
      await host.admin('POST', '/gateway/user-management/user_info', { id, team: 1 }),
      400,
      'INPUT_INVALID',
    )
  await host.refused(await host.admin('POST', '/gateway/user-management/user_info', { id: 1 }), 400, 'INPUT_INVALID')
  expect(remote.received).toEqual([])
  await host.admin('POST', '/gateway/user-management/user_info', { id: '%2e%2e', team: 1 })
  expect(remote.received[0]?.path).toBe('/api/users/%252e%252e/of/1')
})

test('the target gets a short-lived token that names the caller, and never the caller’s own', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  const own = await joined(
    host,
    plainManifest('caller', { traits: ['audit_required', 'external_service'], allowed_domains: ['a.example'] }),
  )
  await host.grant('caller', ['operator:call:target/act'])
  const answer = await host.as(
    own,
    'POST',
    '/gateway/target/act',
    {},
    { headers: { cookie: 'a=b', 'x-caller-plugin': 'root' } },
  )
  expect(answer.status).toBe(200)
  const headers = remote.received[0]?.headers
  expect(JSON.stringify(headers)).not.toContain(own)
  expect(headers).toMatchObject({ 'x-caller-plugin': 'caller', 'x-trace-id': answer.headers['x-trace-id'] })
  expect(headers).not.toHaveProperty('cookie')
  const claims = decodeJwt(String(headers?.authorization).slice('Bearer '.length))
  expect(claims).toMatchObject({
    iss: 'tenon-host',
    sub: 'caller',
    aud: 'target',
    traits: ['audit_required', 'external_service'],
  })
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(limits.forwardTokenLifetimeMs / 1000)
})

test('an operation of an installed spec goes by its method; what is no path of a GET is its query', async () => {
  const installed = installedPlugins({
    id: 'directory',
    operations: {
      find: { in: { type: 'object' }, out: { type: 'object' }, endpoint: { method: 'GET', path: '/find/{kind}' } },
      all: { out: {}, endpoint: { method: 'GET', path: '/all' } },
      root: { in: {} },
    },
    spec: { runtime: { kind: 'remote', endpoints: {} } },
  })
  const host = await openTestHost({ installed })
  const remote = await remotePlugin(({ path }, answer) => void answer.end(path === '/all' ? '[]' : '{}'))
  await joined(host, plainManifest('directory'), remote)
  const call = (operation: string, input: Json) => host.admin('POST', `/gateway/directory/${operation}`, input)
  expect((await call('find', { kind: 'person', name: 'Ada & co', age: 36, alive: false })).status).toBe(200)
  expect(remote.received[0]).toMatchObject({
    method: 'GET',
    path: '/find/person?name=Ada+%26+co&age=36&alive=false',
    body: '',
  })
  expect((await call('all', null)).text).toBe('[]')
  expect((await call('root', { a: 1 })).status).toBe(200)
  expect(remote.received[2]).toMatchObject({ method: 'POST', path: '/', body: '{"a":1}' })
  await host.refused(await call('find', { kind: 'person', tags: [] }), 400, 'INPUT_INVALID')
  await host.refused(await call('find', 'person'), 400, 'INPUT_INVALID')
  expect((await host.admin('GET', '/plugins/directory')).body).toMatchObject({ kind: 'remote', contained: false })
})

test('a GET takes an object or nothing', async () => {
  const operations = { look: { in: {}, out: {}, endpoint: { method: 'GET', path: '/look' } } }
  const installed = installedPlugins({ id: 'looker', operations, spec: { runtime: { kind: 'remote', endpoints: {} } } })
  const host = await openTestHost({ installed })
  await joined(host, plainManifest('looker'), await remotePlugin())
  expect((await host.admin('POST', '/gateway/looker/look', null)).status).toBe(200)
  await host.refused(await host.admin('POST', '/gateway/looker/look', ['a']), 400, 'INPUT_INVALID')
})

test.each([301, 400, 404, 500, 503])('an upstream answer of %i is 502', async (status) => {
  const host = await openTestHost()
  const remote = await remotePlugin(
    (_received, answer) => void answer.writeHead(status, { location: 'http://127.0.0.1:1/' }).end('{"detail":"inner"}'),
  )
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  const answer = await host.admin('POST', '/gateway/target/act', {})
  await host.refused(answer, 502, 'OPERATION_FAILED')
  expect(answer.body['detail']).toContain(String(status))
  expect(remote.received).toHaveLength(1)
})

test('text that is no JSON comes back as raw, and an empty answer as null', async () => {
  const host = await openTestHost()
  const texts = ['hello', '']
  const remote = await remotePlugin((_received, answer) => void answer.end(texts.shift()))
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  expect((await host.admin('POST', '/gateway/target/act', {})).body).toEqual({ raw: 'hello' })
  expect((await host.admin('POST', '/gateway/target/act', {})).text).toBe('null')
})

test('a plugin that is not there is 502, and the answer names no token', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  await remote.close()
  const answer = await host.admin('POST', '/gateway/target/act', {})
  await host.refused(answer, 502, 'UPSTREAM_UNREACHABLE')
  expect(answer.text).not.toMatch(/Bearer|eyJ/)
})

test('an answer longer than the bound is 502', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin(
    (_received, answer) => void answer.end(Buffer.alloc(limits.proxyResponseBytes + 1, 'a')),
  )
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  await host.refused(await host.admin('POST', '/gateway/target/act', {}), 502, 'UPSTREAM_UNREACHABLE')
})

test('a plugin that hangs is 504', async () => {
  const world = simulatedWorld(1)
  const host = await openTestHost({ world })
  const remote = await remotePlugin(() => undefined)
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  const asked = host.admin('POST', '/gateway/target/act', {})
  await eventually(() => expect(remote.received).toHaveLength(1))
  await world.advance(limits.callMs)
  await host.refused(await asked, 504, 'CALL_TIMEOUT')
})

test('a client that leaves takes the upstream request with it', async () => {
  const host = await openTestHost()
  const left = Promise.withResolvers<void>()
  const remote = await remotePlugin((_received, answer) => void answer.on('close', () => left.resolve()))
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  const leaving = new AbortController()
  const asked = host.as(host.token, 'POST', '/gateway/target/act', {}, { signal: leaving.signal }).catch(() => 'left')
  await eventually(() => expect(remote.received).toHaveLength(1))
  leaving.abort()
  expect(await asked).toBe('left')
  await left.promise
  await eventually(async () =>
    expect(await host.audit({ action: 'operator.call', decision: 'deny' })).toMatchObject([
      { reason: 'CALL_CANCELLED' },
    ]),
  )
})

test('an address is what the operator says: scheme, host and port, of a remote plugin', async () => {
  const host = await openTestHost({ installed: installedPlugins({ id: 'inside' }) })
  await host.sync()
  await host.register(plainManifest('target'))
  const set = (id: string, address: string) => host.admin('PUT', `/admin/plugins/${id}/address`, { address })
  const bad = [
    'ftp://a',
    'http://',
    'http://a/b',
    'http://u:p@a',
    'http://a?b',
    'http://a#b',
    'http://a:99999',
    'a:1',
    'http://a b',
  ]
  for (const address of bad) await host.refused(await set('target', address), 400, 'HTTP_INVALID')
  await host.refused(await set('inside', 'http://a:1'), 400, 'HTTP_INVALID')
  expect((await set('target', 'https://a.internal:8443')).body).toEqual({
    plugin_id: 'target',
    address: 'https://a.internal:8443',
  })
  expect((await host.admin('GET', '/plugins/target')).body['address']).toBe('https://a.internal:8443')
  expect(await host.audit({ action: 'plugin.address', decision: 'allow' })).toMatchObject([
    { reason: 'https://a.internal:8443' },
  ])
})

test.each(['localhost', '2130706433', '0x7f000001', '127'])('an id such as %s leads nowhere by itself', async (id) => {
  const host = await openTestHost()
  await joined(host, plainManifest(id, { contracts: ['OddPlugin'], endpoints: { act: '/act' } }))
  const answer = await host.admin('POST', `/gateway/${id}/act`, {})
  await host.refused(answer, 502, 'UPSTREAM_UNREACHABLE')
  expect(answer.body['hint']).toContain('address')
})

test('without an address a plugin is looked for under its id, as a container network names it', async () => {
  const host = await openTestHost()
  const check = { type: 'http', port: 9_999 }
  await joined(
    host,
    plainManifest('no-such-host-here', { contracts: ['OddPlugin'], endpoints: { act: '/act' }, health_check: check }),
  )
  const answer = await host.admin('POST', '/gateway/no-such-host-here/act', {})
  await host.refused(answer, 502, 'UPSTREAM_UNREACHABLE')
  expect(answer.body['detail']).toContain('no-such-host-here:9999')
})

test('only declared endpoints can be called, not what objects bring along', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  for (const name of ['constructor', 'toString', 'other'])
    await host.refused(await host.admin('POST', `/gateway/target/${name}`, {}), 404, 'OPERATION_UNKNOWN')
  expect(remote.received).toEqual([])
})
