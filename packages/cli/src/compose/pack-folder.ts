import { packPlugin, policiesFor, readPluginFolder, requireSpec, type PackedPlugin } from '@tenon/authoring'
import { nodeDisk, type SigningKey } from '@tenon/bundle'
import type { World } from '@tenon/contract'
import { locationsOf, type LocationFlags } from './locations.ts'
import { publisherKey } from './machine-keys.ts'

/** A bundle, and the key that signed it. */
export type Packed = PackedPlugin & { key: SigningKey }

/** Packs a plugin's folder, signed with its publisher's key on this machine. */
export async function packFolder(world: World, flags: LocationFlags, root: string): Promise<Packed> {
  const { publisher = 'local' } = requireSpec(await readPluginFolder(nodeDisk, root))
  const key = await publisherKey(locationsOf(world, flags).home, publisher)
  return { ...(await packPlugin(nodeDisk, root, await policiesFor(nodeDisk, root), key)), key }
}
