import { publicKeyText } from '@tenon/bundle'
import type { Digest } from '@tenon/contract'
import { registryClient } from '@tenon/registry/client'
import type { Packed } from './pack-folder.ts'

export type Published = { id: string; version: string; digest: Digest; registry: string }

/** Publishes a bundle, after the registry knows the key that signed it. */
export async function publishPacked(to: { registry: string; token: string }, packed: Packed): Promise<Published> {
  const { manifest, archive, envelope, digest, key } = packed
  const client = registryClient({ url: to.registry, token: to.token })
  await client.addKey(publicKeyText(key.publicKey))
  await client.publish(manifest.id, archive, envelope)
  return { id: manifest.id, version: manifest.version, digest, registry: to.registry }
}
