import { assert } from '@tenon/contract'
import { admitting, type UseCounts } from '@tenon/host'
import { mapRuntime, type LoadablePlugin, type StoreCall } from '@tenon/map'
import type { PluginStores } from './plugin-stores.ts'
import type { MapPorts } from './map-ports.ts'

/**
 * What an installed plugin of the map keeps, where it declares that it does. Whether it may is asked at each use. Opened at
 * once if it may, so that a plugin whose tables cannot be made is not loaded.
 */
export function grantedStore(
  { authority, audit, world }: MapPorts,
  plugin: LoadablePlugin,
  stores: PluginStores,
  uses: UseCounts,
): StoreCall | undefined {
  const { id, description } = plugin
  if (mapRuntime(description).mapStorage === undefined) return undefined
  const capability = { action: 'storage:kv' }
  const admit = admitting({ authority, audit }, description, uses)
  let store = authority.isAllowed(description, capability) ? stores.open(plugin) : undefined
  return async (method, args) => {
    const call = await admit({ capability, target: id, traceId: world.newId() }, () => (store ??= stores.open(plugin)))
    assert(call !== undefined, 'what declares a store has one')
    return call(method, args)
  }
}
