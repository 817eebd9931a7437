import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newSigningKey, publicKeyText } from '@tenon/bundle'
import { temporaryFolder } from '@tenon/testkit'
import { asking, serve, tenonIn, type Answered } from '../harness/tenon.ts'

type Question = { path: string; body?: unknown; as?: 'admin' | 'plugin' | 'nobody'; status?: number }

const publicKey = publicKeyText(newSigningKey().publicKey)

const manifest = {
  id: 'visitor',
  name: 'Visitor',
  version: '1.0.0',
  contracts: ['VisitorPlugin'],
  traits: ['audit_required'],
  endpoints: { hello: '/hello' },
  security: { authentication_required: true, data_classification: ['internal'] },
}

/** One request for each route, in an order in which each has what it needs. What is not said is 200, as the administrator. */
const questions = (home: string): Record<string, Question> => ({
  'GET /health': { path: '/health', as: 'nobody' },
  'GET /openapi.json': { path: '/openapi.json', as: 'nobody' },
  'GET /.well-known/jwks.json': { path: '/.well-known/jwks.json', as: 'nobody' },
  'GET /auth/me': { path: '/auth/me' },
  'DELETE /auth/session': { path: '/auth/session', status: 204 },
  'GET /plugins': { path: '/plugins' },
  'GET /plugins/{id}': { path: '/plugins/visitor' },
  'PUT /admin/plugins/{id}/address': {
    path: '/admin/plugins/visitor/address',
    body: { address: 'http://127.0.0.1:9' },
  },
  'PUT /admin/plugins/{id}/grants': {
    path: '/admin/plugins/visitor/grants',
    body: { capabilities: ['event:publish:VisitorCame'] },
  },
  'GET /admin/plugins/{id}/grants': { path: '/admin/plugins/visitor/grants' },
  'PUT /admin/operator/allowlist': {
    path: '/admin/operator/allowlist',
    body: { caller: 'visitor', target: 'id-mint', operations: ['mint'] },
  },
  'GET /admin/operator/allowlist': { path: '/admin/operator/allowlist?caller=visitor&target=id-mint' },
  'GET /plugins/{id}/config': { path: '/plugins/visitor/config', as: 'plugin' },
  'POST /plugins/{id}/heartbeat': { path: '/plugins/visitor/heartbeat', body: { health: 'healthy' }, as: 'plugin' },
  'POST /admin/plugins/{id}/enable': { path: '/admin/plugins/visitor/enable' },
  'POST /gateway/{plugin}/{operation}': { path: '/gateway/id-mint/mint', body: { kind: 'ulid' }, as: 'plugin' },
  'POST /gateway/proxy': { path: '/gateway/proxy', body: { url: 'https://example.org/' }, as: 'plugin', status: 403 },
  'POST /messaging/events': {
    path: '/messaging/events',
    body: { event_type: 'VisitorCame', payload: {} },
    as: 'plugin',
  },
  'POST /messaging/subscriptions': {
    path: '/messaging/subscriptions',
    body: { event_types: ['x.y'], endpoint: 'hello' },
    as: 'plugin',
    status: 403,
  },
  'POST /messaging/services/{plugin}/{service}': {
    path: '/messaging/services/id-mint/judge',
    body: { id: '01ARZ3NDEKTSV4RRFFQ69G5FAV' },
  },
  'ANY /{role}/{rest}': { path: '/identity/users/nobody', as: 'plugin', status: 403 },
  'GET /admin/audit': { path: '/admin/audit?limit=5' },
  'POST /admin/plugins/{id}/migrate': { path: '/admin/plugins/id-mint/migrate?dryRun=true' },
  'POST /admin/plugins/{id}/disable': { path: '/admin/plugins/visitor/disable?reason=over' },
  'GET /admin/overrides': { path: '/admin/overrides' },
  'POST /admin/overrides': {
    path: '/admin/overrides',
    body: {
      plugin: 'id-mint',
      digest: `sha256:${'0'.repeat(64)}`,
      finding: 'KEY_REVOKED',
      why: 'x',
      lifetimeMs: 5_000,
    },
    status: 400,
  },
  'POST /admin/overrides/{id}/approve': { path: '/admin/overrides/01JQZ3K5V7W9X2Y4Z6A8B0C1D2/approve', status: 404 },
  'POST /admin/overrides/{id}/revoke': { path: '/admin/overrides/01JQZ3K5V7W9X2Y4Z6A8B0C1D2/revoke', status: 404 },
  'GET /admin/users': { path: '/admin/users' },
  'POST /admin/users': { path: '/admin/users', body: { name: 'bob' }, status: 201 },
  'DELETE /admin/users/{name}': { path: '/admin/users/bob', status: 204 },
  'GET /admin/keys': { path: '/admin/keys' },
  'PUT /admin/keys': { path: '/admin/keys', body: { publisher: 'acme', publicKey } },
  'GET /admin/revocations': { path: '/admin/revocations' },
  'POST /admin/revocations': { path: '/admin/revocations' },
  'POST /admin/keys/{keyId}/revoke': { path: `/admin/keys/sha256:${'0'.repeat(64)}/revoke`, body: { why: 'lost' } },
  'DELETE /admin/plugins/{id}': { path: '/admin/plugins/visitor', status: 204 },
  'GET /workspace': { path: '/workspace' },
  'GET /workspace/config/{id}': { path: '/workspace/config/id-mint' },
  'PUT /workspace/config/{id}': { path: '/workspace/config/id-mint', body: { settings: {}, why: 'a test' } },
  'GET /workspace/config/{id}/history': { path: '/workspace/config/id-mint/history' },
  'GET /workspace/levels': { path: '/workspace/levels' },
  'POST /workspace/plan': { path: '/workspace/plan', body: { remove: ['keyword-map'] } },
  'POST /workspace/apply': { path: '/workspace/apply', body: { remove: ['keyword-map'] } },
  'POST /workspace/rollback': { path: '/workspace/rollback' },
  'PUT /workspace/grants': { path: '/workspace/grants', body: { grants: { 'id-mint': ['storage:kv'] } } },
  'POST /runs': {
    path: '/runs',
    body: { plugin: 'csv-profile', dataset: join(home, 'dataset'), out: join(home, 'out') },
  },
  'GET /runs': { path: '/runs' },
  'POST /runs/prune': { path: '/runs/prune' },
  'GET /runs/{id}': { path: '/runs/nobody', status: 404 },
  'POST /map/api/scan': { path: '/map/api/scan', body: { root: join(home, 'dataset'), allowEmpty: true } },
  'GET /map/api/scan': { path: '/map/api/scan' },
  'POST /admin/plugins/{id}/revoke': { path: '/admin/plugins/id-mint/revoke', body: { why: 'it is old' } },
  'GET /ledger/verify': { path: '/ledger/verify' },
  'GET /admin/storage/check': { path: '/admin/storage/check' },
  'POST /admin/storage/rotate-key': { path: '/admin/storage/rotate-key' },
  'POST /admin/storage/drop-former-keys': { path: '/admin/storage/drop-former-keys' },
})

/** Asked otherwise than by JSON with a token, below. */
const BY_HAND = [
  'GET /metrics',
  'POST /gateway/{plugin}/{operation}/stream',
  'POST /auth/session',
  'POST /plugins/register',
  'DELETE /plugins/{id}',
  'GET /admin/storage/backup',
  'POST /admin/storage/restore',
]

test('every route of /openapi.json answers as it is documented', async () => {
  const home = temporaryFolder()
  mkdirSync(join(home, 'dataset'))
  expect(
    (
      await tenonIn(home)([
        'up',
        '--once',
        '--port',
        '0',
        '--data-dir',
        join(home, 'data'),
        '--admin-token-file',
        join(home, 'token'),
      ])
    ).code,
  ).toBe(0)
  const { url } = await serve(home, ['up', '--data-dir', join(home, 'data')])
  const adminToken = readFileSync(join(home, 'token'), 'utf8').trim()
  const nobody = asking(url, 'none')
  const registered = await nobody('POST', '/plugins/register', manifest)
  expect(registered).toMatchObject({ status: 200, body: { status: 'registered', plugin_id: 'visitor' } })
  const as = { admin: asking(url, adminToken), plugin: asking(url, String(registered.body.token)), nobody }
  const asked = questions(home)
  const ask = ([name, { path, body, as: who = 'admin' }]: [string, Question]): Promise<Answered> =>
    as[who](name.startsWith('ANY') ? 'GET' : (name.split(' ')[0] ?? ''), path, body)
  const authorization = `Bearer ${adminToken}`
  const streamed = await fetch(`${url}/gateway/id-mint/mint/stream`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{ "kind": "ulid" }',
  })
  expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
  expect(await streamed.text()).toMatch(/^\{"part":\{.*\}\}\n\{"end":\{"parts":1\}\}\n$/)
  for (const one of Object.entries(asked)) {
    const { status, body } = await ask(one)
    expect([one[0], status, status === (one[1].status ?? 200) ? null : body]).toEqual([
      one[0],
      one[1].status ?? 200,
      null,
    ])
  }
  const backup = await fetch(`${url}/admin/storage/backup`, { headers: { authorization } })
  const headers = { authorization, 'content-type': 'application/vnd.sqlite3' }
  const restore = { method: 'POST', headers, body: await backup.bytes() }
  expect((await fetch(`${url}/admin/storage/restore`, restore)).status).toBe(200)
  expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toContain('text/plain')
  expect((await as.nobody('POST', '/auth/session', { token: adminToken })).status).toBe(200)
  const again = await nobody('POST', '/plugins/register', manifest)
  expect((await asking(url, String(again.body.token))('DELETE', '/plugins/visitor')).status).toBe(204)

  const { paths } = (await nobody('GET', '/openapi.json')).body as { paths: Record<string, object> }
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    path.startsWith('/{role}')
      ? ['ANY /{role}/{rest}']
      : Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  expect([...new Set(documented)].sort()).toEqual([...Object.keys(asked), ...BY_HAND].sort())
})
