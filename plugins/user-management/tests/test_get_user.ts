import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { running } from './running.ts'

const ADA = { username: 'ada', email: 'ada@openlab.test' }

test('answers with the profile that was created', async (context) => {
  const { plugin } = await running(context)
  const created = await plugin.call('POST', '/api/users', ADA)
  const { status, body } = await plugin.call('GET', `/api/users/${String(created.body['id'])}`)
  assert.deepEqual([status, body], [200, created.body])
})

test('does not know other users, paths and methods', async (context) => {
  const { plugin } = await running(context)
  for (const [method, path, status, code] of [
    ['GET', '/api/users/nobody', 404, 'USER_UNKNOWN'],
    ['GET', '/api/users/..%2f..', 404, 'PATH_UNKNOWN'],
    ['GET', '/elsewhere', 404, 'PATH_UNKNOWN'],
    ['GET', '/api/users', 405, 'METHOD_UNKNOWN'],
    ['DELETE', '/api/users/nobody', 405, 'METHOD_UNKNOWN'],
    ['POST', '/health', 405, 'METHOD_UNKNOWN'],
  ] as const) {
    const reply = await plugin.call(method, path)
    assert.deepEqual([reply.status, reply.body['code']], [status, code], `${method} ${path}`)
  }
})

test('says that it is healthy to anyone', async (context) => {
  const { plugin } = await running(context)
  const response = await fetch(`http://127.0.0.1:${plugin.port}/health`)
  assert.deepEqual([response.status, await response.json()], [200, { status: 'healthy', plugin: 'user-management' }])
})

test('answers only to the host', async (context) => {
  const { host, plugin } = await running(context)
  const stranger = generateKeyPairSync('ed25519').privateKey
  const past = Math.floor(Date.now() / 1000) - 60
  const [head = '', body = '', signature = ''] = host.token().split('.')
  const forged = Buffer.from(JSON.stringify({ aud: 'user-management', exp: past + 9_999 })).toString('base64url')
  const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
  for (const [authorization, reason] of [
    ['', /bears no token/],
    ['Basic YTpi', /bears no token/],
    ['Bearer nonsense', /no token signed with EdDSA/],
    [`Bearer ${unsigned}.${body}.`, /no token signed with EdDSA/],
    [`Bearer ${unsigned}.${body}.${signature}`, /no token signed with EdDSA/],
    [`Bearer ${head}.${body}.${signature}.x`, /no token signed with EdDSA/],
    [`Bearer ${head}.${forged}.${signature}`, /not signed by the host/],
    [`Bearer ${host.token({}, stranger)}`, /not signed by the host/],
    [`Bearer ${host.token({}, undefined, { alg: 'EdDSA', kid: 'other' })}`, /not signed by the host/],
    [`Bearer ${host.token({ aud: 'csv-profile' })}`, /for someone else/],
    [`Bearer ${host.token({ aud: ['a', 'b'] })}`, /for someone else/],
    [`Bearer ${host.token({ exp: past })}`, /has expired/],
    [`Bearer ${host.token({ exp: undefined })}`, /has expired/],
    [`Bearer ${host.token({ nbf: past + 600 })}`, /not valid yet/],
  ] as const) {
    const reply = await plugin.call('GET', '/api/users/nobody', undefined, { authorization })
    assert.equal(reply.status, 401, authorization)
    assert.match(String(reply.body['detail']), reason)
    assert.equal(reply.headers.get('www-authenticate'), 'Bearer')
  }
  assert.equal((await plugin.call('GET', '/api/users/nobody')).status, 404)
})

test('takes a token without a key id, and one for several', async (context) => {
  const { host, plugin } = await running(context)
  for (const token of [host.token({}, undefined, { alg: 'EdDSA' }), host.token({ aud: ['x', 'user-management'] })]) {
    const reply = await plugin.call('GET', '/api/users/nobody', undefined, { authorization: `Bearer ${token}` })
    assert.equal(reply.status, 404)
  }
})

test("fetches the host's keys once, and again only after that failed", async (context) => {
  const { host, plugin } = await running(context)
  const keys = host.answers['/.well-known/jwks.json']
  host.answers['/.well-known/jwks.json'] = () => ({ status: 503, body: {} })
  const reply = await plugin.call('GET', '/api/users/nobody')
  assert.deepEqual([reply.status, reply.body['code']], [502, 'HOST_FAILED'])
  if (keys !== undefined) host.answers['/.well-known/jwks.json'] = keys
  for (const _ of [1, 2, 3]) assert.equal((await plugin.call('GET', '/api/users/nobody')).status, 404)
  assert.equal(host.at('/.well-known/jwks.json').length, 2)
})
