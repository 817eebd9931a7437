import { decide, parseCapability, refuse, type Capability, type Description } from '@tenon/contract'
import type { PluginTable } from './plugin-table.ts'
import type { Installations } from './records.ts'

/** Where asking and granting meet for one plugin. */
export type Authority = {
  asked(plugin: Description): Capability[]
  /** All that a plugin is granted, by its workspace and on this host. */
  granted(id: string): Capability[]
  isAllowed(plugin: Description, capability: Capability): boolean
  /** Throws PERMISSION_DENIED, naming the capability, when it is not allowed. */
  insist(plugin: Description, capability: Capability): void
}

export function authorityOf(table: PluginTable, installations: Installations): Authority {
  const asked = (plugin: Description): Capability[] =>
    (plugin.permissions ?? []).map(({ capability }) => parseCapability(capability))
  const granted = (id: string): Capability[] => [...installations.granted(id), ...table.grants(id).map(parseCapability)]
  const decided = (plugin: Description, capability: Capability) => decide(asked(plugin), granted(plugin.id), capability)
  return {
    asked,
    granted,
    isAllowed: (plugin, capability) => decided(plugin, capability).allowed,
    insist: (plugin, capability) => {
      const decision = decided(plugin, capability)
      if (!decision.allowed) refuse(capability, decision.reason)
    },
  }
}
