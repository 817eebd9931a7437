import { parseCapability, type PluginSpec } from '@tenon/contract'

const FIELDS = {
  actor: 'string',
  action: 'string',
  at: 'string',
  decision: 'allow | deny',
  reason: 'string',
  target: 'string',
  traceId: 'string',
} as const

/** What the audit ledger holds of this plugin: each action with the fields that an entry of it must have. */
export function ledgerContract(spec: PluginSpec): object {
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
