import { refreshNodes, unknownNode, type ScanResult } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapExtensions } from './map-extensions.ts'
import { openMap } from './open-map.ts'
import { pluginStores } from './plugin-stores.ts'

/** Nodes of which something stale is kept. */
export async function staleNodes(cli: SmCli): Promise<string[]> {
  using store = await openMap(cli)
  return [...new Set(store.readEnrichments().flatMap(({ stale, nodePath }) => (stale ? nodePath : [])))]
}

/** Lets extractors look at nodes of a kept scan again, and keeps what they add. Throws NODE_UNKNOWN for what is no node. */
export async function refreshKept(
  cli: SmCli,
  flags: ExtensionFlags,
  { nodes, roots }: ScanResult,
  paths: readonly string[],
): Promise<{ nodePath: string; enrichments: number }[]> {
  const { world, place } = cli
  const known = new Set(nodes.map(({ path }) => path))
  const unknown = paths.find((path) => !known.has(path))
  if (unknown !== undefined) throw unknownNode(unknown)
  using stores = pluginStores(world, place.db, true)
  await using configured = await mapExtensions(cli, flags, stores)
  const { extensions, options } = configured
  const found = await refreshNodes({ roots, world, extensions, options }, paths)
  // What a plugin left open would keep this from being written.
  stores[Symbol.dispose]()
  using store = await openMap(cli)
  for (const [nodePath, enrichments] of found) store.refreshEnrichments(nodePath, enrichments)
  return [...found].map(([nodePath, { length }]) => ({ nodePath, enrichments: length }))
}
