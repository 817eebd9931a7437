import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { folderBlobStore, newSigningKey, nodeDisk, publicKeyText, type SigningKey } from '@tenon/bundle'
import { limits, type BlobStore } from '@tenon/contract'
import { buildServer } from '@tenon/http'
import { collectAudit, simulatedWorld, temporaryFolder, type CollectedAudit, type SimulatedWorld } from '@tenon/testkit'
import { createPublisherToken, isOperatorToken, registryFace, sqliteStore, type RegistryStore } from '@tenon/registry'
import { registryClient, type RegistryClient } from '@tenon/registry/client'
import { packed, type Changes, type Packed } from './packed.ts'

export type Served = {
  url: string
  store: RegistryStore
  blobs: BlobStore
  audit: CollectedAudit
  world: SimulatedWorld
  close: () => Promise<void>
  /** A client with a token of the publisher and a key that signs for it. */
  publisher: (name: string) => Promise<{ token: string; key: SigningKey; client: RegistryClient }>
}

/** A registry over HTTP on a free port, every answer checked against its declaration. */
export async function served(prefix: '' | '/registry' = ''): Promise<Served> {
  const folder = temporaryFolder()
  const world = simulatedWorld(7)
  const store = sqliteStore(join(folder, 'registry.db'), world)
  const blobs = folderBlobStore(nodeDisk, join(folder, 'blobs'), world)
  const audit = collectAudit()
  const server = buildServer({
    world,
    name: 'registry',
    version: '1.0.0',
    bodyLimitBytes: limits.requestBodyBytes,
    checkResponses: true,
  })
  server.mount(
    prefix,
    registryFace({ store, blobs, audit, world, isOperator: (token) => isOperatorToken(store, token) }),
  )
  const origin = (await server.listen({ host: '127.0.0.1', port: 0 })).url
  onTestFinished(async () => {
    await server.close()
    await store.close()
  })
  const url = origin + prefix
  const publisher: Served['publisher'] = async (name) => {
    const token = await createPublisherToken(store, world, name)
    const client = registryClient({ url, token })
    const key = newSigningKey()
    await client.addKey(publicKeyText(key.publicKey))
    return { token, key, client }
  }
  return { url, store, blobs, audit, world, publisher, close: () => server.close() }
}

/** Publishes what `packed` makes of each of the changes, as acme. */
export async function publishAll(registry: Served, all: readonly Changes[]): Promise<Packed[]> {
  const { key, client } = await registry.publisher('acme')
  const done: Packed[] = []
  for (const changes of all) {
    const one = await packed(key, changes)
    await client.publish(one.id, one.archive, one.envelope)
    done.push(one)
  }
  return done
}
