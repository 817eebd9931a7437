import { request } from 'node:http'
import { expect, test } from 'vitest'
import { newSigningKey, publicKeyText } from '@tenon/bundle'
import { digestHex, limits } from '@tenon/contract'
import { makeOperatorToken } from '@tenon/registry'
import { ask, bearer, codeOf } from './ask.ts'
import { packed } from './packed.ts'
import { publishAll, served } from './served.ts'

type Operation = { responses: Record<string, unknown>; security: unknown[] }

test('every documented route answers as its document says', async () => {
  const registry = await served()
  const { key, token } = await registry.publisher('acme')
  const one = await packed(key)
  const hex = digestHex(one.digest)
  const json = { ...bearer(token), 'content-type': 'application/json' }
  const version = {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ digest: one.digest, envelope: one.envelope }),
  }
  const publicKey = (await registry.store.key(key.id))[0]?.publicKey
  const operator = (await makeOperatorToken(registry)) ?? ''
  const why = { method: 'POST', headers: json, body: JSON.stringify({ why: 'stolen' }) }
  const asked: Record<string, [string, Parameters<typeof ask>[1]?]> = {
    'put /artifacts/sha256/{digest}': [
      `/artifacts/sha256/${hex}`,
      {
        method: 'PUT',
        headers: { ...bearer(token), 'content-type': 'application/gzip' },
        body: Buffer.from(one.archive),
      },
    ],
    'post /plugins/{id}/versions': ['/plugins/notes/versions', version],
    'get /plugins': ['/plugins'],
    'get /search': ['/search?q=notes'],
    'get /plugins/{id}': ['/plugins/notes'],
    'get /plugins/{id}/versions/{version}': ['/plugins/notes/versions/1.0.0'],
    'get /artifacts/sha256/{digest}': [`/artifacts/sha256/${hex}`],
    'get /keys': ['/keys'],
    'get /keys/{keyId}': [`/keys/${key.id}`],
    'post /keys': ['/keys', { method: 'POST', headers: json, body: JSON.stringify({ publicKey }) }],
    'get /revocations': ['/revocations'],
    'post /plugins/{id}/versions/{version}/revoke': ['/plugins/notes/versions/1.0.0/revoke', why],
    'post /keys/{keyId}/revoke': [`/keys/${key.id}/revoke`, why],
    'post /publishers/{publisher}/tokens': ['/publishers/acme/tokens', { method: 'POST', headers: bearer(operator) }],
    'get /health': ['/health'],
    'get /metrics': ['/metrics'],
    'get /openapi.json': ['/openapi.json'],
  }
  const { paths } = (await ask(`${registry.url}/openapi.json`)).json() as {
    paths: Record<string, Record<string, Operation>>
  }
  const documented = Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method} ${path}`),
  )
  expect(documented.sort()).toEqual(Object.keys(asked).sort())
  for (const [name, [path, question]] of Object.entries(asked)) {
    const [method = '', pattern = ''] = name.split(' ')
    const answer = await ask(registry.url + path, question)
    expect(Object.keys(paths[pattern]?.[method]?.responses ?? {}), name).toContain(String(answer.status))
    expect(answer.status, name).toBeLessThan(300)
  }
})

test('only the operator lets publishers in, by a token that is made once', async () => {
  const registry = await served()
  const operator = await makeOperatorToken(registry)
  expect(await makeOperatorToken(registry)).toBeUndefined()
  expect(registry.audit.entries).toEqual([expect.objectContaining({ action: 'operator.token', reason: 'made' })])
  const { token } = await registry.publisher('acme')
  const wish = (shown: string) =>
    ask(`${registry.url}/publishers/newcomer/tokens`, { method: 'POST', headers: bearer(shown) })
  for (const stranger of [token, 'tno_guess', ''])
    expect([(await wish(stranger)).status, codeOf(await wish(stranger))]).toEqual([401, 'TOKEN_INVALID'])
  const made = (await wish(operator ?? '')).json()['token']
  const added = await ask(`${registry.url}/keys`, {
    method: 'POST',
    headers: { ...bearer(String(made)), 'content-type': 'application/json' },
    body: JSON.stringify({ publicKey: publicKeyText(newSigningKey().publicKey) }),
  })
  expect([added.status, added.json()['publisher']]).toEqual([201, 'newcomer'])
  expect(registry.audit.entries.map(({ action, target }) => `${action} ${target}`)).toContain('registry.token newcomer')
})

test('stands under a prefix as well', async () => {
  const registry = await served('/registry')
  await publishAll(registry, [{}])
  expect(registry.url).toMatch(/\/registry$/)
  expect((await ask(`${registry.url}/plugins/notes`)).status).toBe(200)
})

test('refuses foreign names, other content types and bodies that are too long, each with its problem', async () => {
  const registry = await served()
  const { token } = await registry.publisher('acme')
  const url = `${registry.url}/plugins/notes/versions`
  const post = (headers: Record<string, string>, body: string) =>
    ask(url, { method: 'POST', headers: { ...bearer(token), ...headers }, body })
  const json = { 'content-type': 'application/json' }
  expect(codeOf(await post({ ...json, origin: 'https://evil.example' }, '{}'))).toBe('HTTP_ORIGIN_REFUSED')
  expect(codeOf(await post({ 'content-type': 'text/plain' }, '{}'))).toBe('HTTP_MEDIA_TYPE')
  expect(codeOf(await post(json, `"${'x'.repeat(limits.requestBodyBytes)}"`))).toBe('HTTP_BODY_TOO_LARGE')
  expect(codeOf(await post(json, '{"digest":"x"}'))).toBe('HTTP_INVALID')
  expect(await statusWithHost(`${registry.url}/plugins`, 'evil.example')).toBe(421)
})

test('refuses an upload that says it is too long, before it reads any of it', async () => {
  const registry = await served()
  const { token } = await registry.publisher('acme')
  const status = await new Promise((resolve, reject) => {
    const sent = request(`${registry.url}/artifacts/sha256/${'0'.repeat(64)}`, {
      method: 'PUT',
      headers: { ...bearer(token), 'content-type': 'application/gzip', 'content-length': limits.uploadBytes + 1 },
    })
    sent.on('response', (answer) => {
      resolve(answer.statusCode)
      sent.destroy()
    })
    sent.on('error', reject)
    sent.write('x')
  })
  expect(status).toBe(413)
})

const statusWithHost = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject)
      .end()
  })
