import {
  decide,
  parseCapability,
  printCapability,
  refuse,
  TenonError,
  type Audit,
  type Capability,
  type Description,
} from '@tenon/contract'
import type { PluginTable } from './plugin-table.ts'
import type { Installations } from './records.ts'

export type Demand = { plugin: Description; capability: Capability; action: string; target: string; traceId: string }

/** Where asking and granting meet for one plugin; every answer is an audit entry. */
export type Authority = {
  asked(plugin: Description): Capability[]
  granted(id: string): Capability[]
  isAllowed(plugin: Description, capability: Capability): boolean
  /** Records the decision; throws PERMISSION_DENIED when it is no. */
  demand(demand: Demand): Promise<void>
}

export function authorityOf(table: PluginTable, installations: Installations, audit: Audit): Authority {
  const asked = (plugin: Description): Capability[] =>
    (plugin.permissions ?? []).map(({ capability }) => parseCapability(capability))
  const granted = (id: string): Capability[] => [...installations.granted(id), ...table.grants(id).map(parseCapability)]
  return {
    asked,
    granted,
    isAllowed: (plugin, capability) => decide(asked(plugin), granted(plugin.id), capability).allowed,
    demand: async ({ plugin, capability, action, target, traceId }) => {
      const decision = decide(asked(plugin), granted(plugin.id), capability)
      await audit.record({
        actor: `plugin:${plugin.id}`,
        action,
        target,
        capability: printCapability(capability),
        decision: decision.allowed ? 'allow' : 'deny',
        reason: decision.allowed ? 'granted' : decision.reason,
        traceId,
      })
      if (!decision.allowed) refuse(capability, decision.reason)
    },
  }
}

/** Runs the work and records a refusal or failure of it before it is passed on. */
export async function recordingFailure<T>(
  audit: Audit,
  entry: { actor: string; action: string; target: string; traceId: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    const reason = thrown instanceof TenonError ? thrown.code : 'INTERNAL'
    await audit.record({ ...entry, decision: 'deny', reason })
    throw thrown
  }
}
