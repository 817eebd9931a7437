import { expect, test } from 'vitest'
import type { Json } from '@tenon/contract'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { outside, type Outside } from './outside.ts'
import { joined, plainManifest } from './remote-plugin.ts'

/** A remote plugin that asks for port 80 of one host, which its spec can and a host manifest cannot. */
async function withCaller(
  gate: Outside,
  granted = ['net:connect:api.example.org:80'],
): Promise<{ host: TestHost; token: string }> {
  const installed = installedPlugins({
    id: 'caller',
    asks: ['net:connect:api.example.org:80'],
    spec: { runtime: { kind: 'remote', endpoints: {} } },
  })
  const host = await openTestHost({ installed, outside: gate })
  const token = await joined(host, plainManifest('caller'))
  await host.grant('caller', granted)
  return { host, token }
}

const reaching = (host: TestHost, token: string, request: Json) => host.as(token, 'POST', '/gateway/proxy', request)

test('a granted host is reached at its vetted address, and the answer comes back as data', async () => {
  const gate = await outside(
    (_request, answer) => void answer.writeHead(404, { 'x-kind': 'test', 'set-cookie': 'a=b' }).end('nothing'),
  )
  const { host, token } = await withCaller(gate)
  const answer = await reaching(host, token, {
    url: 'http://api.example.org/path?secret=1',
    method: 'post',
    body: 'hello',
    headers: { 'x-mine': '1' },
  })
  expect([answer.status, answer.body]).toEqual([
    200,
    { status: 404, body: 'nothing', headers: expect.objectContaining({ 'x-kind': 'test' }) },
  ])
  expect(answer.text).not.toContain('set-cookie')
  expect(gate.dialled).toEqual(['93.184.216.34:80'])
  const entries = await host.audit({ traceId: String(answer.headers['x-trace-id']) })
  expect(entries.map(({ action, reason, target }) => [action, reason, target])).toEqual([
    ['proxy.request', 'answered 404', 'api.example.org'],
    ['proxy.admit', 'allowed', 'api.example.org'],
  ])
  expect(entries[0]).not.toHaveProperty('capability')
  expect(entries[1]).toMatchObject({ actor: 'plugin:caller', capability: 'net:connect:api.example.org:80' })
  expect(JSON.stringify(entries)).not.toContain('secret')
})

test('the caller’s own token never leaves, in whatever header it stands', async () => {
  const gate = await outside((_request, answer) => void answer.end())
  const { host, token } = await withCaller(gate)
  const headers = {
    authorization: `Bearer ${token}`,
    'x-key': `key=${token}`,
    'x-other': 'stays',
    cookie: 'tenon_session=x',
  }
  expect((await reaching(host, token, { url: 'http://api.example.org/', headers })).status).toBe(200)
  expect(gate.headers).toHaveLength(1)
  expect(gate.headers[0]).toMatchObject({ 'x-other': 'stays' })
  expect(JSON.stringify(gate.headers)).not.toContain(token)
  expect(gate.headers[0]).not.toHaveProperty('cookie')
})

test('a redirect is an answer: it is not followed', async () => {
  const gate = await outside(
    (_request, answer) => void answer.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  )
  const { host, token } = await withCaller(gate)
  const answer = await reaching(host, token, { url: 'http://api.example.org/' })
  expect(answer.body).toMatchObject({ status: 302, headers: { location: 'http://169.254.169.254/' } })
  expect(gate.dialled).toHaveLength(1)
})

test.each([
  'http://other.example.org/',
  'https://api.example.org/',
  'http://api.example.org:8080/',
  'http://93.184.216.34/',
  'http://localhost/',
  'http://user:pass@api.example.org/',
  'ftp://api.example.org/',
  'no url',
])('%s is refused before anything is looked up', async (url) => {
  const gate = await outside((_request, answer) => void answer.end())
  let lookups = 0
  const { host, token } = await withCaller({ ...gate, lookup: async () => [String(lookups++)] })
  await host.refused(await reaching(host, token, { url }), 403, 'EGRESS_DENIED')
  expect([lookups, gate.dialled]).toEqual([0, []])
})

test('a name that leads inside is refused, though it was granted', async () => {
  const { host, token } = await withCaller(await outside((_request, answer) => void answer.end(), '10.0.0.7'))
  await host.refused(await reaching(host, token, { url: 'http://api.example.org/' }), 403, 'EGRESS_DENIED')
})

test('without a grant the whole lane is closed, and what a manifest asks for grants nothing', async () => {
  const gate = await outside((_request, answer) => void answer.end())
  const { host, token } = await withCaller(gate, [])
  const entry = await host.refused(
    await reaching(host, token, { url: 'http://api.example.org/' }),
    403,
    'EGRESS_DENIED',
  )
  expect(entry).toMatchObject({ action: 'proxy.request', capability: 'net:connect:api.example.org:80' })
  const other = await joined(host, plainManifest('other', { allowed_domains: ['api.example.org'] }))
  await host.refused(await reaching(host, other, { url: 'https://api.example.org/' }), 403, 'EGRESS_DENIED')
  expect(gate.dialled).toEqual([])
})

test('an outside that does not answer is 504, one that breaks is 502, one that talks too much is 413', async () => {
  const silent = await withCaller(await outside(() => undefined))
  const late = await reaching(silent.host, silent.token, { url: 'http://api.example.org/', timeoutMs: 1_000 })
  await silent.host.refused(late, 504, 'EGRESS_TIMEOUT')
  const broken = await withCaller(await outside((request) => void request.socket.destroy()))
  await broken.host.refused(
    await reaching(broken.host, broken.token, { url: 'http://api.example.org/' }),
    502,
    'EGRESS_FAILED',
  )
  const long = await withCaller(await outside((_request, answer) => void answer.end(Buffer.alloc(11 * 1_048_576))))
  await long.host.refused(
    await reaching(long.host, long.token, { url: 'http://api.example.org/' }),
    413,
    'EGRESS_TOO_LARGE',
  )
})

test('a timeout out of range is refused', async () => {
  const { host, token } = await withCaller(await outside((_request, answer) => void answer.end()))
  for (const timeoutMs of [1, 60_001])
    await host.refused(await reaching(host, token, { url: 'http://api.example.org/', timeoutMs }), 403, 'EGRESS_DENIED')
})

test('an unhealthy plugin reaches nothing outside', async () => {
  const { host, token } = await withCaller(await outside((_request, answer) => void answer.end()))
  await host.as(token, 'POST', '/plugins/caller/heartbeat', { health: 'unhealthy' })
  await host.refused(await reaching(host, token, { url: 'http://api.example.org/' }), 403, 'PLUGIN_UNHEALTHY')
})
