import { TenonError, type Audit } from '@tenon/contract'
import { dialects } from '@tenon/contract/schema'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import { rolesOf } from './roles.ts'

export type LifecyclePorts = {
  table: PluginTable
  audit: Audit
  /** Called when a plugin begins or ceases to take part. */
  joined(record: PluginRecord): Promise<void>
  left(record: PluginRecord): Promise<void>
}

type By = { actor: string; traceId: string }

export function knownPlugin(table: PluginTable, id: string): PluginRecord {
  const record = table.get(id)
  if (record === undefined)
    throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin "${id}"`, {
      hint: 'GET /plugins lists those there are.',
    })
  return record
}

/** Lets a plugin take part. Its manifest is judged again, and its roles must be free. */
export async function enablePlugin({ table, audit, joined }: LifecyclePorts, id: string, by: By): Promise<void> {
  const record = knownPlugin(table, id)
  if (record.status === 'active') return
  revalidate(record)
  refuseTakenRole(table, record)
  await audit.record({ ...by, action: 'plugin.enable', target: id, decision: 'allow', reason: `was ${record.status}` })
  const active: PluginRecord = { ...record, status: 'active', disabledReason: undefined }
  table.put(active)
  await joined(active)
}

function revalidate({ description }: PluginRecord): void {
  if (description.dialect !== 'host') return
  const { problems } = dialects.host.read(description.original)
  if (problems.length > 0)
    throw new TenonError('DIALECT_INVALID', `the manifest of "${description.id}" no longer passes`, { problems })
}

function refuseTakenRole(table: PluginTable, record: PluginRecord): void {
  const roles = rolesOf(record.description)
  for (const other of table.list()) {
    const shared = rolesOf(other.description).find((role) => roles.includes(role))
    if (other.id !== record.id && other.status === 'active' && shared !== undefined)
      throw new TenonError('ROLE_TAKEN', `the role "${shared}" is held by "${other.id}"`, {
        hint: `Disable "${other.id}" first.`,
      })
  }
}

/** Takes a plugin out: no call, event or poll reaches it until it is enabled again. */
export async function disablePlugin(
  { table, audit, left }: LifecyclePorts,
  id: string,
  reason: string,
  by: By,
): Promise<void> {
  const record = knownPlugin(table, id)
  await audit.record({
    ...by,
    action: 'plugin.disable',
    target: id,
    decision: 'allow',
    reason: reason === '' ? 'no reason given' : reason,
  })
  table.put({ ...record, status: 'disabled', disabledReason: reason })
  await left(record)
}

export async function unregisterPlugin({ table, audit, left }: LifecyclePorts, id: string, by: By): Promise<void> {
  const record = knownPlugin(table, id)
  await audit.record({ ...by, action: 'plugin.unregister', target: id, decision: 'allow', reason: 'removed' })
  table.remove(id)
  await left(record)
}
