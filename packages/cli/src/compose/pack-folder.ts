import { packPlugin, policiesFor, readPluginFolder, requireSpec, type PackedPlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import type { World } from '@tenon/contract'
import { locationsOf, type LocationFlags } from './locations.ts'
import { publisherKey } from './machine-keys.ts'

/** Packs a plugin's folder, signed with its publisher's key on this machine. */
export async function packFolder(world: World, flags: LocationFlags, root: string): Promise<PackedPlugin> {
  const { publisher = 'local' } = requireSpec(await readPluginFolder(nodeDisk, root))
  const { home } = locationsOf(world, flags)
  return packPlugin(nodeDisk, root, await policiesFor(nodeDisk, root), await publisherKey(home, publisher))
}
