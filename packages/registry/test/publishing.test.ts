import { expect, test } from 'vitest'
import { digestBytes, digestJson, newSigningKey, publicKeyText, writeArchive } from '@tenon/bundle'
import { digestHex, type Envelope } from '@tenon/contract'
import { createPublisherToken } from '@tenon/registry'
import { registryClient } from '@tenon/registry/client'
import { ask, bearer, codeOf } from './ask.ts'
import { packed, signed } from './packed.ts'
import { served } from './served.ts'

const code = (name: string) => expect.objectContaining({ code: name })

test('what was packed is published, listed and downloaded byte for byte', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const one = await packed(key, {
    dependencies: { base: '^1' },
    engines: { tenon: '>=1' },
    permissions: [
      { capability: 'net:connect:api.example', reason: 'asks' },
      { capability: 'net:connect:other.example', reason: 'asks again' },
    ],
  })
  const published = await client.publish('notes', one.archive, one.envelope)
  expect(published).toMatchObject({
    id: 'notes',
    version: '1.0.0',
    publisher: 'acme',
    digest: one.digest,
    size: one.archive.length,
    dependencies: { base: '^1' },
    engines: { tenon: '>=1' },
    verification: 'certified',
    yanked: false,
    publishedAt: '2026-01-01T00:00:00.000Z',
    envelope: one.envelope,
    spec: { name: 'Notes' },
  })
  const bytes = Buffer.concat(await Array.fromAsync(await client.artifact(one.digest)))
  expect(digestBytes(bytes)).toBe(one.digest)
  expect(await client.version('notes', '1.0.0')).toEqual(published)
})

test('the same bytes again change nothing, other bytes of a version are refused', async () => {
  const registry = await served()
  const { key, token, client } = await registry.publisher('acme')
  const one = await packed(key)
  const first = await client.publish('notes', one.archive, one.envelope)
  await registry.world.advance(60_000)
  expect(await client.publish('notes', one.archive, one.envelope)).toEqual(first)
  const body = JSON.stringify({ digest: one.digest, envelope: one.envelope })
  const headers = { ...bearer(token), 'content-type': 'application/json' }
  expect((await ask(`${registry.url}/plugins/notes/versions`, { method: 'POST', headers, body })).status).toBe(200)
  const other = await packed(key, { content: 'export const changed = true' })
  await expect(client.publish('notes', other.archive, other.envelope)).rejects.toThrow(code('PUBLISH_CONFLICT'))
  expect((await client.version('notes', '1.0.0')).digest).toBe(one.digest)
})

test('two publications of one version at once leave exactly one', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const both = [await packed(key), await packed(key, { content: 'export const other = 1' })]
  const outcomes = await Promise.allSettled(both.map((one) => client.publish('notes', one.archive, one.envelope)))
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await client.plugin('notes')).releases).toHaveLength(1)
})

test('a statement whose gates found problems, or that names none, is signed but not certified', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const gates = [[{ gate: 'G1', checked: 2, problems: 1 }], []]
  for (const [index, each] of gates.entries()) {
    const one = await packed(key, { version: `1.${index}.0`, gates: each })
    expect((await client.publish('notes', one.archive, one.envelope)).verification).toBe('signed')
  }
})

test('another publisher may neither take an id nor one that folds to it', async () => {
  const registry = await served()
  const [acme, other] = [await registry.publisher('acme'), await registry.publisher('other')]
  const mine = await packed(acme.key)
  await acme.client.publish('notes', mine.archive, mine.envelope)
  const theirs = await packed(other.key, { publisher: 'other', version: '2.0.0' })
  await expect(other.client.publish('notes', theirs.archive, theirs.envelope)).rejects.toThrow(code('PLUGIN_EXISTS'))
})

test('nobody publishes for another publisher', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('other')
  for (const publisher of [{ publisher: 'acme' }, {}]) {
    const one = await packed(key, publisher)
    await expect(client.publish('notes', one.archive, one.envelope)).rejects.toThrow(code('PERMISSION_DENIED'))
  }
})

test('a bundle is published under its own id only, and without build metadata', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const one = await packed(key)
  await expect(client.publish('other', one.archive, one.envelope)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  const built = await packed(key, { version: '1.0.0+build' })
  await expect(client.publish('notes', built.archive, built.envelope)).rejects.toThrow(code('SPEC_INVALID'))
})

test('only a key that the publisher brought may sign', async () => {
  const registry = await served()
  const [acme, other] = [await registry.publisher('acme'), await registry.publisher('other')]
  for (const key of [newSigningKey(), other.key]) {
    const one = await packed(key)
    await expect(acme.client.publish('notes', one.archive, one.envelope)).rejects.toThrow(
      code('BUNDLE_SIGNATURE_INVALID'),
    )
  }
})

test('the signature must be good and about this manifest', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const one = await packed(key)
  const foreign = signed(key, one, digestJson({ another: 'manifest' }), undefined)
  const forged: Envelope = {
    ...one.envelope,
    signatures: one.envelope.signatures.map(({ keyid }) => ({ keyid, sig: Buffer.alloc(64).toString('base64') })),
  }
  for (const envelope of [foreign, forged])
    await expect(client.publish('notes', one.archive, envelope)).rejects.toThrow(code('BUNDLE_SIGNATURE_INVALID'))
})

test('a bundle that holds more than its manifest lists, or is none, is refused', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const one = await packed(key)
  const stray = await writeArchive([{ path: 'stray.txt', bytes: Buffer.from('x') }])
  await expect(client.publish('notes', stray, one.envelope)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  await expect(client.publish('notes', Buffer.from('no archive'), one.envelope)).rejects.toThrow(
    code('ARCHIVE_INVALID'),
  )
})

test('an upload must have the digest of its address, and is not served before it is published', async () => {
  const registry = await served()
  const { key, token } = await registry.publisher('acme')
  const one = await packed(key)
  const put = (hex: string) =>
    ask(`${registry.url}/artifacts/sha256/${hex}`, {
      method: 'PUT',
      headers: { ...bearer(token), 'content-type': 'application/gzip' },
      body: Buffer.from(one.archive),
    })
  const wrong = await put('0'.repeat(64))
  expect([wrong.status, codeOf(wrong)]).toEqual([400, 'BUNDLE_DIGEST_MISMATCH'])
  const right = await put(digestHex(one.digest))
  expect([right.status, right.json()]).toEqual([201, { digest: one.digest, size: one.archive.length }])
  const unpublished = await ask(`${registry.url}/artifacts/sha256/${digestHex(one.digest)}`)
  expect([unpublished.status, codeOf(unpublished)]).toEqual([404, 'ARTIFACT_UNKNOWN'])
})

test('what was not uploaded cannot be published', async () => {
  const registry = await served()
  const { key, token } = await registry.publisher('acme')
  const one = await packed(key)
  const answer = await ask(`${registry.url}/plugins/notes/versions`, {
    method: 'POST',
    headers: { ...bearer(token), 'content-type': 'application/json' },
    body: JSON.stringify({ digest: one.digest, envelope: one.envelope }),
  })
  expect(codeOf(answer)).toBe('ARTIFACT_UNKNOWN')
})

test('every publication is an audit entry, allowed or denied', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const one = await packed(key)
  await client.publish('notes', one.archive, one.envelope)
  await client.publish('notes', one.archive, one.envelope)
  await expect(client.publish('other', one.archive, one.envelope)).rejects.toThrow(code('BUNDLE_CONTENT_MISMATCH'))
  const entries = registry.audit.entries.map(({ actor, action, target, decision, reason }) =>
    [actor, action, target, decision, reason].join(' '),
  )
  expect(entries).toEqual([
    'publisher:acme registry.publish notes allow published: 1.0.0',
    'publisher:acme registry.publish notes allow known: 1.0.0',
    'publisher:acme registry.publish other deny BUNDLE_CONTENT_MISMATCH',
  ])
})

test('a token is told once and kept only as a digest', async () => {
  const registry = await served()
  const token = await createPublisherToken(registry.store, registry.world, 'acme')
  expect(token).toMatch(/^tnp_[A-Za-z0-9_-]{43}$/)
  expect(await registry.store.publisherOf(digestBytes(token))).toBe('acme')
  expect(await createPublisherToken(registry.store, registry.world, 'acme')).not.toBe(token)
  await expect(createPublisherToken(registry.store, registry.world, 'No One')).rejects.toThrow(
    code('REFERENCE_INVALID'),
  )
})

test('writes without a good token are refused before anything is stored', async () => {
  const registry = await served()
  const { key } = await registry.publisher('acme')
  const one = await packed(key)
  for (const token of ['wrong', undefined]) {
    const client = registryClient({ url: registry.url, ...(token === undefined ? {} : { token }) })
    await expect(client.publish('notes', one.archive, one.envelope)).rejects.toThrow(code('TOKEN_INVALID'))
    await expect(client.addKey(publicKeyText(key.publicKey))).rejects.toThrow(code('TOKEN_INVALID'))
  }
  expect(await registry.blobs.has(one.digest)).toBe(false)
})

test('a key is listed under each publisher that brought it, and stays as it was first brought', async () => {
  const registry = await served()
  const [acme, other] = [await registry.publisher('acme'), await registry.publisher('other')]
  const pem = publicKeyText(acme.key.publicKey)
  const first = await acme.client.addKey(pem)
  await registry.world.advance(60_000)
  expect(await acme.client.addKey(pem)).toEqual(first)
  await other.client.addKey(pem)
  const answer = await ask(`${registry.url}/keys/${encodeURIComponent(acme.key.id)}`)
  expect(answer.json()).toEqual({ keyId: acme.key.id, publicKey: pem, publishers: ['acme', 'other'] })
  await expect(acme.client.addKey('no key')).rejects.toThrow(code('KEY_INVALID'))
})
