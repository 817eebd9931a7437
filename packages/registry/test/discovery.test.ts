import { expect, test } from 'vitest'
import { digestHex, limits } from '@tenon/contract'
import { registryClient, type PluginPage } from '@tenon/registry/client'
import { ask, codeOf } from './ask.ts'
import { packed } from './packed.ts'
import { publishAll, served } from './served.ts'

const idsOf = ({ items }: PluginPage): string[] => items.map(({ id }) => id)

test('a plugin lists its releases, newest stable first, and shows its latest', async () => {
  const registry = await served()
  await publishAll(registry, [
    { version: '1.0.0', name: 'Old', description: 'old text' },
    { version: '2.0.0-beta.1', name: 'Beta' },
    { version: '1.10.0', name: 'New', keywords: ['k'], categories: ['c'] },
    { version: '1.9.0', name: 'Between' },
  ])
  const plugin = await registryClient(registry).plugin('notes')
  expect(plugin.releases.map(({ version }) => version)).toEqual(['1.10.0', '1.9.0', '1.0.0', '2.0.0-beta.1'])
  expect(plugin).toMatchObject({
    latest: '1.10.0',
    name: 'New',
    keywords: ['k'],
    categories: ['c'],
    maintainers: ['acme'],
  })
  expect(plugin).not.toHaveProperty('description')
})

test('pages go through everything once, whatever is published between them', async () => {
  const registry = await served()
  const { key, client } = await registry.publisher('acme')
  const publish = async (id: string): Promise<void> => {
    const one = await packed(key, { id })
    await client.publish(id, one.archive, one.envelope)
  }
  for (const id of ['b', 'd', 'f', 'h', 'j']) await publish(id)
  const seen: string[] = []
  let page = await client.plugins({ limit: 2 })
  seen.push(...idsOf(page))
  await publish('a')
  await publish('g')
  while (page.nextCursor !== undefined) {
    page = await client.plugins({ limit: 2, cursor: page.nextCursor })
    seen.push(...idsOf(page))
  }
  expect(seen).toEqual(['b', 'd', 'f', 'g', 'h', 'j'])
  expect(idsOf(await client.plugins())).toEqual(['a', 'b', 'd', 'f', 'g', 'h', 'j'])
})

test('a search finds every word anywhere, and the exact id first', async () => {
  const registry = await served()
  await publishAll(registry, [
    { id: 'markdown', name: 'Markdown', description: 'renders notes' },
    { id: 'a-notes-index', name: 'Index', keywords: ['search', '100%'] },
    { id: 'notes', name: 'Notes' },
    { id: 'zip', name: 'Zip' },
  ])
  const client = registryClient(registry)
  const search = async (q: string): Promise<string[]> => idsOf(await client.search({ q }))
  expect(await search('notes')).toEqual(['notes', 'a-notes-index', 'markdown'])
  expect(await search('  RENDERS  Notes ')).toEqual(['markdown'])
  expect(await search('100%')).toEqual(['a-notes-index'])
  for (const wildcard of ['%', '_', '\\']) expect(await search(`z${wildcard}p`)).toEqual([])
  expect(await search('')).toEqual(['a-notes-index', 'markdown', 'notes', 'zip'])
  const first = await client.search({ q: 'notes', limit: 1 })
  expect(idsOf(await client.search({ q: 'notes', limit: 5, cursor: first.nextCursor ?? '' }))).toEqual([
    'a-notes-index',
    'markdown',
  ])
})

test('a search speaks of the latest version only', async () => {
  const registry = await served()
  const permissions = [{ capability: 'net:connect:api.example', reason: 'asks' }]
  await publishAll(registry, [
    { version: '1.0.0', name: 'Aardvark', permissions },
    { version: '2.0.0', name: 'Zebra' },
    { version: '1.1.0', name: 'Yak' },
    { id: 'other', name: 'Other', permissions },
  ])
  const client = registryClient(registry)
  expect(idsOf(await client.search({ q: 'zebra' }))).toEqual(['notes'])
  for (const q of ['aardvark', 'yak']) expect(idsOf(await client.search({ q }))).toEqual([])
  for (const capability of ['net:connect', 'net:connect:api.example'])
    expect(idsOf(await client.search({ capability }))).toEqual(['other'])
  expect(idsOf(await client.search({ capability: 'net:connect:api' }))).toEqual([])
  expect(idsOf(await client.search({ maintainer: 'acme' }))).toEqual(['notes', 'other'])
  expect(idsOf(await client.search({ maintainer: 'other' }))).toEqual([])
})

test('a list or document that did not change is answered 304', async () => {
  const registry = await served()
  const [one] = await publishAll(registry, [{}])
  const hex = one === undefined ? '' : digestHex(one.digest)
  const paths = [
    '/plugins',
    '/search?q=notes',
    '/plugins/notes',
    '/plugins/notes/versions/1.0.0',
    '/keys',
    `/artifacts/sha256/${hex}`,
  ]
  for (const path of paths) {
    const etag = (await ask(registry.url + path)).headers.get('etag') ?? ''
    const again = await ask(registry.url + path, { headers: { 'if-none-match': etag } })
    expect([again.status, again.text]).toEqual([304, ''])
  }
  await publishAll(registry, [{ version: '1.1.0' }])
  const stale = await ask(`${registry.url}/plugins/notes`, { headers: { 'if-none-match': '"old"' } })
  expect(stale.status).toBe(200)
})

test('an artifact may be kept for ever', async () => {
  const registry = await served()
  const [one] = await publishAll(registry, [{}])
  const { headers } = await ask(`${registry.url}/artifacts/sha256/${one === undefined ? '' : digestHex(one.digest)}`)
  expect(Object.fromEntries(headers)).toMatchObject({
    'cache-control': 'public, max-age=31536000, immutable',
    'content-length': String(one?.archive.length),
    'content-type': 'application/gzip',
    etag: `"${one?.digest}"`,
  })
})

test.each([
  ['/plugins/nothing', 404, 'PLUGIN_UNKNOWN'],
  ['/plugins/nothing/versions/1.0.0', 404, 'PLUGIN_UNKNOWN'],
  ['/plugins/notes/versions/9.0.0', 404, 'VERSION_UNKNOWN'],
  ['/plugins/Not%20An%20Id', 400, 'HTTP_INVALID'],
  [`/artifacts/sha256/${'0'.repeat(64)}`, 404, 'ARTIFACT_UNKNOWN'],
  ['/artifacts/sha256/abc', 400, 'HTTP_INVALID'],
  [`/keys/sha256:${'0'.repeat(64)}`, 404, 'KEY_UNKNOWN'],
  ['/plugins?limit=0', 400, 'HTTP_INVALID'],
  [`/plugins?limit=${limits.registryPageMax + 1}`, 400, 'HTTP_INVALID'],
  ['/plugins?cursor=nonsense', 400, 'HTTP_INVALID'],
  [`/plugins?cursor=${Buffer.from('{"rank":"a","id":"b"}').toString('base64url')}`, 400, 'HTTP_INVALID'],
  ['/keys?cursor=e30', 400, 'HTTP_INVALID'],
  ['/search?colour=red', 400, 'HTTP_INVALID'],
])('GET %s is answered %d %s', async (path, status, problem) => {
  const registry = await served()
  await publishAll(registry, [{}])
  const answer = await ask(registry.url + path)
  expect([answer.status, codeOf(answer)]).toEqual([status, problem])
})

test('keys are paged, too', async () => {
  const registry = await served()
  const names = ['acme', 'beta', 'gamma']
  const ids = []
  for (const name of names) ids.push((await registry.publisher(name)).key.id)
  const seen: unknown[] = []
  let cursor: unknown
  do {
    const query = typeof cursor === 'string' ? `&cursor=${cursor}` : ''
    const page = (await ask(`${registry.url}/keys?limit=1${query}`)).json() as {
      items: { keyId: string }[]
      nextCursor?: string
    }
    seen.push(...page.items.map(({ keyId }) => keyId))
    cursor = page.nextCursor
  } while (cursor !== undefined)
  expect(seen).toEqual(ids.toSorted())
})
