import { parseCapability, type PluginSpec } from '@tenon/contract'
import type { PolicySnapshot } from '../policy/policy-snapshot.ts'

const FIELDS = {
  actor: 'string',
  action: 'string',
  at: 'string',
  decision: 'allow | deny',
  reason: 'string',
  target: 'string',
  traceId: 'string',
} as const

type LedgerContract = {
  contractVersion: 1
  plugin: string
  version: string
  auditLevel: string
  retentionDays?: number
  fields: typeof FIELDS
  entries: { action: string; target: string; required: string[]; details: string[]; capability?: string }[]
}

/** What the audit ledger holds of this plugin, and how long: each action with the fields that an entry must have. */
export function ledgerContract(spec: PluginSpec, { values }: PolicySnapshot): LedgerContract {
  const retention = values['retention.days']
  const entry = (action: string, target: string, details: string[]) => ({
    action,
    target,
    required: Object.keys(FIELDS),
    details: details.toSorted(),
  })
  return {
    contractVersion: 1,
    plugin: spec.id,
    version: spec.version,
    auditLevel: spec.compliance?.auditLevel ?? 'basic',
    ...(retention === undefined ? {} : { retentionDays: retention.value }),
    fields: FIELDS,
    entries: [
      entry('plugin.start', spec.id, ['level', 'manifest']),
      entry('plugin.end', spec.id, ['reason']),
      ...(spec.operations ?? []).map(({ name }) => entry('operator.call', `${spec.id}/${name}`, ['durationMs'])),
      ...(spec.events?.emits ?? []).map(({ type }) => entry('event.publish', type, ['eventId'])),
      ...(spec.events?.handles ?? []).map(({ type }) => entry('event.deliver', type, ['eventId'])),
      ...(spec.permissions ?? []).map(({ capability }) => ({
        ...entry('capability.use', ownerOf(capability) ?? spec.id, []),
        capability,
      })),
      ...(spec.dataset === undefined ? [] : [entry('run.end', spec.id, ['runId', 'status'])]),
    ],
  }
}

/** Whose keys a capability is about, if another's. */
function ownerOf(capability: string): string | undefined {
  const { action, target } = parseCapability(capability)
  return action.startsWith('storage:kv:') ? target : undefined
}
