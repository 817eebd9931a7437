import type { PackedPlugin } from '@tenon/authoring'
import { publicKeyText } from '@tenon/bundle'
import type { Digest, World } from '@tenon/contract'
import { registryClient } from '@tenon/registry/client'
import { locationsOf, type LocationFlags } from './locations.ts'
import { publisherKey } from './machine-keys.ts'

export type Published = { id: string; version: string; digest: Digest; registry: string }

/** Publishes a bundle, after the registry knows the key that signed it. */
export async function publishPacked(
  world: World,
  flags: LocationFlags,
  to: { registry: string; token: string },
  packed: PackedPlugin,
): Promise<Published> {
  const { manifest, archive, envelope, digest } = packed
  const client = registryClient({ url: to.registry, token: to.token })
  const key = await publisherKey(locationsOf(world, flags).home, manifest.publisher ?? 'local')
  await client.addKey(publicKeyText(key.publicKey))
  await client.publish(manifest.id, archive, envelope)
  return { id: manifest.id, version: manifest.version, digest, registry: to.registry }
}
