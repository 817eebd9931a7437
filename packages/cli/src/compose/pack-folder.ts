import {
  packPlugin,
  policiesFor,
  readPluginFolder,
  requireSpec,
  type PackedPlugin,
  type Release,
} from '@tenon/authoring'
import { nodeDisk, type SigningKey } from '@tenon/bundle'
import type { World } from '@tenon/contract'
import { committedAt } from './committed-at.ts'
import { locationsOf, type LocationFlags } from './locations.ts'
import { publisherKey } from './machine-keys.ts'

/** A bundle, and the key that signed it. */
export type Packed = PackedPlugin & { key: SigningKey }

/** Packs a plugin's folder, signed with its publisher's key on this machine, if it agrees with what was released of it. */
export async function packFolder(
  world: World,
  flags: LocationFlags,
  root: string,
  releases: readonly Release[],
): Promise<Packed> {
  const { publisher = 'local' } = requireSpec(await readPluginFolder(nodeDisk, root))
  const key = await publisherKey(locationsOf(world, flags).home, publisher)
  const policies = await policiesFor(nodeDisk, root)
  const at = await committedAt(world, root)
  return { ...(await packPlugin(nodeDisk, root, { policies, at, releases, key })), key }
}
