import { expect, test } from 'vitest'
import { digestBytes, keyIdOf, newSigningKey } from '@tenon/bundle'
import { digestFromHex, limits } from '@tenon/contract'
import { registryClient } from '@tenon/registry/client'
import { packed } from './packed.ts'
import { publishAll, served } from './served.ts'

const code = (name: string) => expect.objectContaining({ code: name })
const answering = (answer: () => Response) =>
  registryClient({ url: 'http://registry.example/', fetch: async () => answer() })

test('gives the resolver the releases of a plugin, and none of one that is not there', async () => {
  const registry = await served()
  const [one] = await publishAll(registry, [
    {
      dependencies: { base: '^1', 'other/core': '2' },
      optionalDependencies: { extra: '*' },
      ifPresent: { theme: '^3' },
      conflicts: { rival: '<2' },
      engines: { tenon: '>=1' },
    },
  ])
  const client = registryClient(registry)
  expect(await client.releases('notes')).toMatchObject([
    {
      version: '1.0.0',
      publisher: 'acme',
      deps: [
        { id: 'base', range: '^1' },
        { id: 'core', range: '2', publisher: 'other' },
      ],
      optionalDeps: [{ id: 'extra', range: '*' }],
      ifPresent: [{ id: 'theme', range: '^3' }],
      conflicts: [{ id: 'rival', range: '<2' }],
      engines: { tenon: '>=1' },
      yanked: false,
      digest: one?.digest,
      envelope: one?.envelope,
    },
  ])
  expect(await client.releases('nothing')).toEqual([])
  await expect(client.plugin('nothing')).rejects.toThrow(code('PLUGIN_UNKNOWN'))
})

test('gives the keys by which signatures are checked', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const known = await client.key(key.id)
  expect(known && keyIdOf(known.publicKey)).toBe(key.id)
  expect(known?.publishers).toEqual(['acme'])
  expect(await client.key(newSigningKey().id)).toBeUndefined()
})

test('streams an artifact and says when there is none', async () => {
  const registry = await served()
  const [one] = await publishAll(registry, [{ content: 'x'.repeat(300_000) }])
  const client = registryClient({ url: `${registry.url}/` })
  const digest = one?.digest ?? digestBytes('')
  expect(digestBytes(Buffer.concat(await Array.fromAsync(await client.artifact(digest))))).toBe(digest)
  await expect(client.artifact(digestFromHex('0'.repeat(64)))).rejects.toThrow(code('ARTIFACT_UNKNOWN'))
})

test('says REGISTRY_UNREACHABLE with the address when nobody answers', async () => {
  const registry = await served()
  await registry.close()
  await expect(registryClient(registry).plugins()).rejects.toMatchObject({
    code: 'REGISTRY_UNREACHABLE',
    message: expect.stringContaining(registry.url),
    hint: expect.any(String),
  })
})

test.each([
  ['a page of a proxy', () => new Response('<html>', { status: 502 })],
  ['a problem that is none', () => problem({ code: 'X' })],
  ['a problem of another kind of server', () => problem({ code: 'SOMETHING_ELSE' }, true)],
  ['JSON that no registry answers', () => Response.json({ items: 'none' })],
])('says REGISTRY_UNREACHABLE when %s comes back', async (_what, answer) => {
  await expect(answering(answer).plugins()).rejects.toThrow(code('REGISTRY_UNREACHABLE'))
})

test('refuses an answer that is no strict JSON', async () => {
  await expect(answering(() => new Response('{"items":[],"items":[]}')).plugins()).rejects.toThrow(code('JSON_INVALID'))
  await expect(answering(() => new Response(null)).plugins()).rejects.toThrow(code('JSON_INVALID'))
})

test('ignores what a newer registry adds', async () => {
  expect(await answering(() => Response.json({ items: [], advice: 'new' })).plugins()).toMatchObject({ items: [] })
})

test('stops reading what does not end', async () => {
  let sent = 0
  const endless = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          sent += 1_048_576
          controller.enqueue(new Uint8Array(1_048_576))
        },
      }),
    )
  await expect(answering(endless).plugins()).rejects.toThrow(code('ARCHIVE_INVALID'))
  expect(sent).toBeLessThan(limits.registryAnswerBytes + 4 * 1_048_576)
})

test('says REGISTRY_UNREACHABLE when an artifact breaks off', async () => {
  const breaking = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error('reset')),
      }),
    )
  const body = await answering(breaking).artifact(digestBytes(''))
  await expect(Array.fromAsync(body)).rejects.toThrow(code('REGISTRY_UNREACHABLE'))
})

test('lets go of an artifact that is read only in part', async () => {
  let cancelled = false
  const body = await answering(
    () =>
      new Response(
        new ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(new Uint8Array(8)),
          cancel: () => void (cancelled = true),
        }),
      ),
  ).artifact(digestBytes(''))
  for await (const _chunk of body) break
  expect(cancelled).toBe(true)
})

test('follows no redirect and sends its token with writes only', async () => {
  const seen: { url: string; init: RequestInit | undefined }[] = []
  const client = registryClient({
    url: 'http://registry.example',
    token: 'secret',
    fetch: async (url, init) => {
      seen.push({ url: new Request(url).url, init })
      return Response.json({ items: [] })
    },
  })
  await client.search({ q: 'a b&c', limit: 3 })
  const one = await packed(newSigningKey())
  await expect(client.publish('notes', one.archive, one.envelope)).rejects.toThrow(code('REGISTRY_UNREACHABLE'))
  expect(seen.map(({ url }) => url)).toEqual([
    'http://registry.example/search?q=a+b%26c&limit=3',
    `http://registry.example/artifacts/sha256/${one.digest.slice(7)}`,
  ])
  expect(seen.map(({ init }) => init?.redirect)).toEqual(['error', 'error'])
  expect(seen.map(({ init }) => new Headers(init?.headers).get('authorization'))).toEqual([null, 'Bearer secret'])
})

const problem = (body: object, whole = false): Response =>
  new Response(
    JSON.stringify(whole ? { type: 'urn:tenon:error:X', title: 't', status: 400, detail: 'd', ...body } : body),
    { status: 400, headers: { 'content-type': 'application/problem+json' } },
  )
