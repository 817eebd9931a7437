import type { Json } from '@tenon/contract'
import type { Kv } from './context.ts'
import { denied, own } from './given.ts'
import { copied } from './json-copy.ts'
import type { SimulatedClock } from './simulated-clock.ts'
import { simulatedKv } from './simulated-kv.ts'
import type { KeyAccess } from './types.ts'

/** What another plugin keeps, and which of `storage:kv:read:<plugin>` and `storage:kv:write:<plugin>` is granted. */
export type SimulatedKeys = { granted: readonly KeyAccess[]; kv?: Record<string, Json> }

/** The keys of the plugins that the test gives, by plugin, as far as they are granted. `kept` is live. */
export function simulatedKeysOfOthers(
  given: Record<string, SimulatedKeys>,
  clock: SimulatedClock,
): { kept: Record<string, Map<string, Json>>; of: (plugin: string) => Kv } {
  const kept = Object.fromEntries(
    Object.entries(given).map(([plugin, { kv = {} }]) => [plugin, new Map(Object.entries(copied(kv)))]),
  )
  const opened = new Map(Object.entries(kept).map(([plugin, keys]) => [plugin, simulatedKv(keys, clock)]))
  const none = simulatedKv(new Map(), clock)
  return { kept, of: (plugin) => asGranted(plugin, own(given, plugin)?.granted ?? [], opened.get(plugin) ?? none) }
}

function asGranted(plugin: string, granted: readonly KeyAccess[], kv: Kv): Kv {
  const needing =
    <Given extends unknown[], Answer>(access: KeyAccess, work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> =>
      granted.includes(access) ? work(...given) : denied(`storage:kv:${access}:${plugin}`)
  return {
    get: needing('read', kv.get),
    list: needing('read', kv.list),
    set: needing('write', kv.set),
    delete: needing('write', kv.delete),
    compareAndSet: needing('write', kv.compareAndSet),
    transaction: needing('write', kv.transaction),
  }
}
