import { resolve } from 'node:path'
import type { World } from '@tenon/contract'
import {
  builtInPlugins,
  presentNode,
  readingsOf,
  scanSettings,
  showNode,
  type LiveNode,
  type NodePlaces,
  type ScanResult,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapExtensions } from './map-extensions.ts'
import { untold } from './map-ground.ts'
import { mapConfig } from './map-config.ts'

/** Where the nodes of a scan lie, which was made in this working directory. */
export const placesOf = ({ cwd }: World, { roots }: ScanResult, maxFileBytes: number): NodePlaces => ({
  folders: roots.map((root) => resolve(cwd, root)),
  maxFileBytes,
})

/** A node of a scan, as its files are now. Throws NODE_UNKNOWN. */
export async function liveNodeOf(cli: SmCli, scan: ScanResult, path: string): Promise<LiveNode> {
  const { node } = showNode(scan, path)
  const { maxFileBytes } = scanSettings((await mapConfig(cli)).config)
  const places = placesOf(cli.world, scan, maxFileBytes)
  const builtIn = readingsOf(builtInPlugins)
  if (builtIn(node) !== undefined) return presentNode({ ...places, readingOf: builtIn }, node)
  await using configured = await mapExtensions(untold(cli), { noBuiltIns: false, noPlugins: false })
  return await presentNode({ ...places, readingOf: readingsOf(configured.extensions) }, node)
}
