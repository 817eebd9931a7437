import { capabilityFault, covers, parseCapability } from '@tenon/contract'
import type { Verdict } from './admission.ts'
import type { Host } from './host.ts'
import { isContained, type PluginRecord } from './records.ts'

/** A plugin as lists show it. */
export function pluginRowOf(host: Host, { id, description, status }: PluginRecord) {
  const level = host.running.now(id)?.process.level
  return {
    id,
    name: description.name,
    version: description.version,
    ...(description.publisher === undefined ? {} : { publisher: description.publisher }),
    kind: description.runtime.kind,
    status,
    health: host.health.of(id).status,
    contained: isContained(description),
    ...(level === undefined ? {} : { level }),
    contracts: description.contracts ?? [],
    traits: description.traits ?? [],
  }
}

/** A plugin with all that an operator asks about: whether it may run, what it may do, does, and did. */
export async function pluginViewOf(host: Host, record: PluginRecord) {
  const { description } = record
  const verdict = await host.admissions.verdictOn(record.id)
  const uses = host.audit.uses(`plugin:${record.id}`)
  return {
    ...pluginRowOf(host, record),
    ...(description.description === undefined ? {} : { description: description.description }),
    registeredAt: record.registeredAt,
    ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
    ...(record.address === undefined ? {} : { address: record.address }),
    ...(verdict === undefined ? {} : { verification: verificationOf(verdict) }),
    permissions: (description.permissions ?? []).map(({ capability, reason }) => ({
      capability,
      reason,
      granted: host.authority.isAllowed(description, parseCapability(capability)),
      ...usesOf(capability, uses),
    })),
    operations: (description.operations ?? []).map(({ name, summary, input, output }) => ({
      name,
      summary,
      input,
      output,
    })),
    healthRecord: host.health.of(record.id),
    manifest: description.original,
  }
}

/** Who vouches for an installed plugin and for what, and why it would not be started now. */
const verificationOf = ({ plugin, refusals, waived }: Verdict) => ({
  ...(plugin === undefined ? {} : { signer: plugin.signer, manifest: plugin.manifestDigest, gates: [...plugin.gates] }),
  refusals: refusals.map(({ code, message }) => ({ code, message })),
  waived: waived.map(({ finding: { code, message }, override: { id, expiresAt } }) => ({
    ...{ code, message, override: id },
    expiresAt: new Date(expiresAt).toISOString(),
  })),
})

/**
 * How often the audit ledger has seen what a capability covers allowed to the plugin, and whether each run grants it by
 * itself. Nobody sees how often a file is opened that was mounted.
 */
function usesOf(capability: string, uses: ReturnType<Host['audit']['uses']>): { perRun: boolean; used?: number } {
  const asked = parseCapability(capability)
  const perRun = /^\$\{(dataset|out|work)\}/.test(asked.target ?? '')
  if (asked.action.startsWith('fs:')) return { perRun }
  const isCovered = (used: string): boolean =>
    capabilityFault(used) === undefined && covers(asked, parseCapability(used))
  const covered = uses.filter((use) => isCovered(use.capability))
  return { perRun, used: covered.reduce((sum, { times }) => sum + times, 0) }
}
