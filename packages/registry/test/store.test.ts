import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDatabase } from '@tenon/database'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { newSigningKey } from '@tenon/bundle'
import { registryMigrations, sqliteStore, type PublishedVersion } from '@tenon/registry'
import { packed } from './packed.ts'

const world = simulatedWorld(3)

async function published(changes: Partial<PublishedVersion> = {}): Promise<PublishedVersion> {
  const one = await packed(newSigningKey())
  return {
    spec: {
      specVersion: 1,
      id: 'notes',
      publisher: 'acme',
      name: 'Notes',
      version: '1.0.0',
      runtime: { kind: 'node', entry: 'src/main.js' },
    },
    publisher: 'acme',
    digest: one.digest,
    manifestDigest: one.digest,
    size: 10,
    envelope: one.envelope,
    keyId: one.digest,
    verification: 'signed',
    publishedAt: world.now(),
    traceId: 'trace',
    ...changes,
  }
}

async function withKey(path: string, keyId: PublishedVersion['keyId'], publisher = 'acme') {
  const store = sqliteStore(path, world)
  await store.addToken({ hash: keyId, publisher, createdAt: 1 })
  await store.addKey({ keyId, publisher, publicKey: 'pem', addedAt: 1 })
  return store
}

test('what is published is there after the registry starts again', async () => {
  const path = join(temporaryFolder(), 'registry.db')
  const one = await published()
  const store = await withKey(path, one.keyId)
  expect(await store.publish(one)).toMatchObject({ isNew: true })
  await store.close()
  const again = sqliteStore(path, world)
  const { traceId: _trace, keyId: _key, ...kept } = one
  expect(await again.version('notes', '1.0.0')).toEqual({ ...kept, yanked: false, revoked: false })
  expect(await again.publish(one)).toMatchObject({ isNew: false, stored: kept })
  await again.close()
})

test('a publication that cannot be finished leaves nothing behind', async () => {
  const path = join(temporaryFolder(), 'registry.db')
  const one = await published()
  const store = sqliteStore(path, world)
  await store.addToken({ hash: one.keyId, publisher: 'acme', createdAt: 1 })
  await expect(store.publish(one)).rejects.toThrow('FOREIGN KEY')
  expect(await store.plugin('notes')).toBeUndefined()
  expect(await store.artifactSize(one.digest)).toBeUndefined()
  await store.close()
})

test('ids that differ only in "-" and "_" are one', async () => {
  const path = join(temporaryFolder(), 'registry.db')
  const one = await published()
  const store = await withKey(path, one.keyId)
  const named = (id: string): Promise<PublishedVersion> => published({ keyId: one.keyId, spec: { ...one.spec, id } })
  await store.publish(await named('my-notes'))
  await expect(store.publish(await named('my_notes'))).rejects.toMatchObject({ code: 'PLUGIN_EXISTS' })
  await store.close()
})

test('the database itself refuses to change or remove what is published, and what breaks its rules', async () => {
  const path = join(temporaryFolder(), 'registry.db')
  const one = await published()
  const store = await withKey(path, one.keyId)
  await store.publish(one)
  await store.close()
  const db = openDatabase(path, { migrations: registryMigrations, world })
  expect(() => db.run("UPDATE version SET digest = 'x'")).toThrow('never changes')
  expect(() => db.run('DELETE FROM version')).toThrow('never goes')
  expect(() => db.run('UPDATE version SET yanked = 2')).toThrow('CHECK')
  expect(db.run('UPDATE version SET yanked = 1')).toBe(1)
  expect(() => db.run("UPDATE verification SET status = 'fine'")).toThrow('CHECK')
  expect(() => db.run("INSERT INTO maintainer VALUES ('notes', 'nobody')")).toThrow('FOREIGN KEY')
  await db.quickCheck()
  db.close()
})
