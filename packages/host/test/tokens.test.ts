import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import type { JsonObject } from '@tenon/contract'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'

const part = (value: JsonObject | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const claimsOf = (token: string): JsonObject =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())

/** The token's claims, changed, under another header and signature. */
function reforged(
  token: string,
  header: JsonObject,
  signed: (text: string) => Buffer | string,
  changes: JsonObject = {},
) {
  const text = `${part(header)}.${part({ ...claimsOf(token), ...changes })}`
  const signature = signed(text)
  return `${text}.${typeof signature === 'string' ? signature : signature.toString('base64url')}`
}

const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const raw = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' }).subarray(-32)

const forgeries: [string, (token: string, host: TestHost) => string][] = [
  [
    'signed by another key',
    (token) =>
      reforged(token, { alg: 'EdDSA' }, (text) =>
        sign(null, Buffer.from(text), generateKeyPairSync('ed25519').privateKey),
      ),
  ],
  [
    'with a bit of its claims changed',
    (token) => {
      const [head, , signature] = token.split('.')
      return `${head}.${part({ ...claimsOf(token), sub: 'administrator' })}.${signature}`
    },
  ],
  [
    'of HS256 with the public key as secret, as text',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'HS256' }, (text) => createHmac('sha256', spki(tokenKey.publicKey)).update(text).digest()),
  ],
  [
    'of HS256 with the public key as secret, as bytes',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'HS256' }, (text) => createHmac('sha256', raw(tokenKey.publicKey)).update(text).digest()),
  ],
  ['of alg none', (token) => reforged(token, { alg: 'none' }, () => '')],
  [
    'of another type, by the right key',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), tokenKey.privateKey), { type: 'user' }),
  ],
  [
    'of another issuer, by the right key',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), tokenKey.privateKey), {
        iss: 'elsewhere',
      }),
  ],
  [
    'for another audience, by the right key',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), tokenKey.privateKey), {
        aud: 'user-management',
      }),
  ],
  [
    'of an id that is not registered, by the right key',
    (token, { tokenKey }) =>
      reforged(token, { alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), tokenKey.privateKey), {
        sub: 'nobody',
      }),
  ],
  ['that is no token', () => 'abc'],
]

test.each(forgeries)('a token %s is answered 401', async (_what, forge) => {
  const host = await openTestHost()
  const token = await host.register(MANIFEST)
  const answer = await host.as(forge(token, host), 'POST', '/plugins/user-management/heartbeat', {})
  const entry = await host.refused(answer, 401, 'TOKEN_INVALID')
  expect(entry).toMatchObject({ action: 'http.authenticate', target: 'POST /plugins/user-management/heartbeat' })
  expect(answer.headers['www-authenticate']).toBe('Bearer')
})

test('a token that is reforged with nothing changed is good: it is the changes above that are refused', async () => {
  const host = await openTestHost()
  const token = await host.register(MANIFEST)
  const same = reforged(token, { alg: 'EdDSA' }, (text) => sign(null, Buffer.from(text), host.tokenKey.privateKey))
  expect((await host.as(same, 'POST', '/plugins/user-management/heartbeat', {})).status).toBe(200)
})

test('a token dies with its plugin', async () => {
  const host = await openTestHost()
  const token = await host.register(MANIFEST)
  expect((await host.as(token, 'DELETE', '/plugins/user-management')).status).toBe(204)
  await host.refused(await host.as(token, 'DELETE', '/plugins/user-management'), 401, 'TOKEN_INVALID')
  await host.register(MANIFEST)
  await host.refused(await host.as(token, 'POST', '/plugins/user-management/heartbeat', {}), 401, 'TOKEN_INVALID')
})

test('what a forwarded call carries opens no route of the host', async () => {
  const host = await openTestHost()
  const remote = await remotePlugin()
  const token = await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), remote)
  await host.admin('POST', '/gateway/target/act', {})
  const forwarded = String(remote.received[0]?.headers.authorization).slice('Bearer '.length)
  expect(claimsOf(forwarded)).toMatchObject({ aud: 'target', sub: 'admin:administrator', type: 'forward' })
  for (const bearer of [forwarded, `${forwarded}x`])
    await host.refused(await host.as(bearer, 'POST', '/plugins/target/heartbeat', {}), 401, 'TOKEN_INVALID')
  expect(token).not.toBe(forwarded)
})

test('no request without a token, or with a session that is none, gets in', async () => {
  const host = await openTestHost()
  for (const headers of [
    {},
    { cookie: 'tenon_session=abc' },
    { authorization: 'Basic abc' },
    { authorization: 'Bearer' },
  ]) {
    await host.refused(await host.ask('GET', '/plugins?secret=1', { headers }), 401, 'TOKEN_INVALID')
  }
  expect(JSON.stringify(await host.audit({ action: 'http.authenticate' }))).not.toContain('secret')
})

test('a plugin token is answered 401 on the routes of administrators, and the administrator token on those of plugins', async () => {
  const host = await openTestHost()
  const token = await host.register(MANIFEST)
  const ofAdministrators = [
    ['GET', '/plugins'],
    ['GET', '/plugins/user-management'],
    ['GET', '/admin/audit'],
    ['POST', '/admin/plugins/user-management/enable'],
    ['PUT', '/admin/plugins/user-management/grants'],
    ['DELETE', '/admin/plugins/user-management'],
    ['GET', '/auth/me'],
  ] as const
  for (const [method, path] of ofAdministrators)
    await host.refused(await host.as(token, method, path), 401, 'TOKEN_INVALID')
  const ofPlugins = [
    ['POST', '/plugins/user-management/heartbeat'],
    ['DELETE', '/plugins/user-management'],
    ['POST', '/gateway/proxy'],
    ['POST', '/messaging/events'],
    ['POST', '/messaging/subscriptions'],
    ['GET', '/identity/users/1'],
  ] as const
  for (const [method, path] of ofPlugins) await host.refused(await host.admin(method, path), 401, 'TOKEN_INVALID')
})

test('a plugin speaks for itself only: a body or path that names another is answered 403', async () => {
  const host = await openTestHost()
  await host.register(MANIFEST)
  const token = await joined(host, plainManifest('other'))
  const tried = [
    ['POST', '/plugins/user-management/heartbeat', { health: 'unhealthy' }],
    ['DELETE', '/plugins/user-management'],
    ['POST', '/messaging/events', { event_type: 'plugin.user-management.said', source_plugin: 'user-management' }],
  ] as const
  for (const [method, path, body] of tried) {
    const entry = await host.refused(await host.as(token, method, path, body), 403, 'PERMISSION_DENIED')
    expect(entry).toMatchObject({ actor: 'plugin:other', target: 'user-management' })
  }
  expect((await host.admin('GET', '/plugins/user-management')).body['health']).toBe('unknown')
})

test('the published keys verify a token, and hold nothing private', async () => {
  const host = await openTestHost()
  const { body } = await host.ask('GET', '/.well-known/jwks.json')
  expect(body['keys']).toEqual([
    { kty: 'OKP', crv: 'Ed25519', x: expect.any(String), kid: host.tokenKey.id, alg: 'EdDSA', use: 'sig' },
  ])
})
