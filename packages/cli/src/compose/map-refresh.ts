import { TenonError } from '@tenon/contract'
import { openMapStore, refreshNode, type ScanResult } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { configuredExtensions } from './configured-extensions.ts'
import { pluginStores } from './plugin-stores.ts'

/** Nodes of which something stale is kept. */
export function staleNodes({ world, place }: SmCli): string[] {
  using store = withStore({ world, place })
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
  using stores = pluginStores(world, place.db, true)
  const known = new Set(nodes.map(({ path }) => path))
  await using configured = await configuredExtensions(cli, { ...flags, stores })
  const { extensions, options } = configured
  const refreshed: { nodePath: string; enrichments: number }[] = []
  for (const nodePath of paths) {
    if (!known.has(nodePath))
      throw new TenonError('NODE_UNKNOWN', `the map has no node ${nodePath}`, { hint: 'sm list shows its nodes.' })
    const found = await refreshNode({ roots, world, extensions, options }, nodePath)
    using store = withStore(cli)
    store.refreshEnrichments(nodePath, found)
    refreshed.push({ nodePath, enrichments: found.length })
  }
  return refreshed
}

function withStore({ world, place }: Pick<SmCli, 'world' | 'place'>) {
  const store = openMapStore(place.db, world)
  return { ...store, [Symbol.dispose]: () => store.close() }
}
