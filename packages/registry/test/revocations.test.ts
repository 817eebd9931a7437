import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { publicKeyText, type SigningKey } from '@tenon/bundle'
import { openDatabase } from '@tenon/database'
import { makeOperatorToken, registryMigrations, sqliteStore } from '@tenon/registry'
import { registryClient, type RegistryClient } from '@tenon/registry/client'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { packed, type Changes } from './packed.ts'
import { served, type Served } from './served.ts'

const code = (name: string) => expect.objectContaining({ code: name })

let registry: Served
let key: SigningKey
let acme: RegistryClient
let operator: RegistryClient

beforeEach(async () => {
  registry = await served()
  const publisher = await registry.publisher('acme')
  key = publisher.key
  acme = publisher.client
  const token = await makeOperatorToken(registry)
  operator = registryClient({ url: registry.url, ...(token === undefined ? {} : { token }) })
})

async function publish(changes: Changes = {}, signer = key, client = acme) {
  const one = await packed(signer, changes)
  return client.publish(one.id, one.archive, one.envelope)
}

const versions = async (id = 'notes'): Promise<string[]> =>
  (await acme.releases(id)).flatMap(({ version, yanked }) => (yanked ? [] : [version]))

describe('a version that is revoked', () => {
  test('is no longer offered, stays known, and is told to everybody with the digest of its manifest', async () => {
    const first = await publish()
    await publish({ version: '1.1.0' })
    const revocation = await acme.revokeVersion('notes', '1.0.0', 'it deletes notes')
    expect(revocation).toMatchObject({ kind: 'bundle', digest: first.manifestDigest, publisher: 'acme' })
    expect(await versions()).toEqual(['1.1.0'])
    expect(await acme.version('notes', '1.0.0')).toMatchObject({ revoked: true, yanked: true })
    expect(await acme.version('notes', '1.1.0')).toMatchObject({ revoked: false, yanked: false })
    expect((await acme.revocations())?.revocations).toEqual([revocation])
    expect(registry.audit.entries.at(-1)).toMatchObject({
      ...{ actor: 'publisher:acme', action: 'registry.revoke', target: 'notes@1.0.0', decision: 'allow' },
      reason: 'it deletes notes',
    })
  })

  test('is not what a plugin is listed by, nor is it when an earlier one is published later', async () => {
    const listed = async (): Promise<unknown> => (await acme.plugins()).items.map(({ latest, name }) => [latest, name])
    await publish({ version: '1.0.0', name: 'One' })
    await publish({ version: '2.0.0', name: 'Two' })
    expect(await listed()).toEqual([['2.0.0', 'Two']])
    await acme.revokeVersion('notes', '2.0.0', 'wrong')
    expect(await listed()).toEqual([['1.0.0', 'One']])
    await publish({ version: '1.1.0', name: 'One again' })
    expect(await listed()).toEqual([['1.1.0', 'One again']])
    expect((await acme.search({ q: 'again' })).items).toHaveLength(1)
    await acme.revokeKey(key.id, 'stolen')
    expect(await listed()).toEqual([['1.1.0', 'One again']])
  })

  test('stays revoked as it was first, also by somebody else later', async () => {
    await publish()
    const first = await acme.revokeVersion('notes', '1.0.0', 'first')
    await registry.world.advance(5_000)
    expect(await operator.revokeVersion('notes', '1.0.0', 'second')).toEqual(first)
  })

  test('is its publisher’s or the operator’s to revoke', async () => {
    await publish()
    const other = await registry.publisher('other')
    await expect(other.client.revokeVersion('notes', '1.0.0', 'why')).rejects.toThrow(code('PERMISSION_DENIED'))
    await expect(acme.revokeVersion('notes', '9.0.0', 'why')).rejects.toThrow(code('VERSION_UNKNOWN'))
    await expect(registryClient(registry).revokeVersion('notes', '1.0.0', 'why')).rejects.toThrow(code('TOKEN_INVALID'))
    await expect(acme.revokeVersion('notes', '1.0.0', '')).rejects.toThrow(code('HTTP_INVALID'))
    expect(await versions()).toEqual(['1.0.0'])
    expect(registry.audit.entries.slice(-2)).toMatchObject([
      { actor: 'publisher:other', decision: 'deny', reason: 'PERMISSION_DENIED' },
      { actor: 'publisher:acme', decision: 'deny', reason: 'VERSION_UNKNOWN' },
    ])
  })
})

describe('a key that is revoked', () => {
  test('takes all that it signed with it, whenever that was, and signs nothing new', async () => {
    await publish()
    const { key: second } = await registry.publisher('acme')
    await publish({ version: '1.1.0' }, second)
    await acme.revokeKey(key.id, 'the notebook was stolen')
    expect(await versions()).toEqual(['1.1.0'])
    expect(await acme.key(key.id)).toMatchObject({ publishers: [] })
    await expect(publish({ version: '1.2.0' })).rejects.toThrow(code('KEY_REVOKED'))
    await expect(acme.addKey(publicKeyText(key.publicKey))).rejects.toThrow(code('KEY_REVOKED'))
    await publish({ version: '1.3.0' }, second)
    expect(await versions()).toEqual(['1.3.0', '1.1.0'])
  })

  test('is revoked for the publisher who says so; by the operator for everybody', async () => {
    const other = await registry.publisher('other')
    await other.client.addKey(publicKeyText(key.publicKey))
    await other.client.revokeKey(key.id, 'not mine any more')
    expect(await acme.key(key.id)).toMatchObject({ publishers: ['acme'] })
    await publish()
    expect(await operator.revokeKey(key.id, 'found on the web')).not.toHaveProperty('publisher')
    expect(await acme.key(key.id)).toMatchObject({ publishers: [] })
    expect(await versions()).toEqual([])
    const third = await registry.publisher('third')
    await expect(third.client.addKey(publicKeyText(key.publicKey))).rejects.toThrow(code('KEY_REVOKED'))
  })

  test('has to be one of one’s own', async () => {
    const other = await registry.publisher('other')
    await expect(other.client.revokeKey(key.id, 'why')).rejects.toThrow(code('KEY_UNKNOWN'))
    await expect(operator.revokeKey(`sha256:${'0'.repeat(64)}`, 'why')).rejects.toThrow(code('KEY_UNKNOWN'))
    expect(await acme.key(key.id)).toMatchObject({ publishers: ['acme'] })
  })
})

test('who knows the list by its tag is not sent it again until there is more', async () => {
  const empty = await acme.revocations()
  expect(empty?.revocations).toEqual([])
  expect(await acme.revocations(empty?.etag)).toBeUndefined()
  await acme.revokeKey(key.id, 'why')
  const more = await acme.revocations(empty?.etag)
  expect(more?.revocations).toHaveLength(1)
  expect(await acme.revocations(more?.etag)).toBeUndefined()
})

test('a revocation is there after a restart, and nothing changes or removes it', async () => {
  const path = join(temporaryFolder(), 'registry.db')
  const world = simulatedWorld(3)
  const store = sqliteStore(path, world)
  const revocation = { kind: 'key', digest: key.id, why: 'stolen', at: '2026-01-01T00:00:00.000Z' } as const
  await store.revoke(revocation)
  await store.close()
  const again = sqliteStore(path, world)
  expect(await again.revocations()).toEqual([revocation])
  await again.close()
  const db = openDatabase(path, { migrations: registryMigrations, world })
  expect(() => db.run("UPDATE revocation SET why = 'no'")).toThrow('never changes')
  expect(() => db.run('DELETE FROM revocation')).toThrow('never goes')
  db.close()
})
