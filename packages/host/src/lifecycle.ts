import { TenonError, type Audit } from '@tenon/contract'
import { dialects } from '@tenon/contract/schema'
import { recordingRefusal, type By } from './audited.ts'
import { knownPlugin } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import { rolesOf } from './roles.ts'

export type LifecyclePorts = {
  table: PluginTable
  audit: Audit
  /** Called when a plugin begins or ceases to take part. */
  joined: (record: PluginRecord) => Promise<void>
  left: (id: string) => Promise<void>
}

/** Lets a plugin take part. Its manifest is judged again, and its roles must be free. */
export function enablePlugin({ table, audit, joined }: LifecyclePorts, id: string, by: By): Promise<void> {
  const attempt = { ...by, action: 'plugin.enable', target: id }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      const record = knownPlugin(table, id)
      if (record.status === 'active') return
      revalidate(record)
      refuseTakenRole(table, record)
      await audit.record({ ...attempt, decision: 'allow', reason: `was ${record.status}` })
      const active: PluginRecord = { ...record, status: 'active', statusReason: undefined }
      table.put(active)
      await joined(active)
    },
  )
}

function revalidate({ description }: PluginRecord): void {
  if (description.dialect !== 'host') return
  const { problems } = dialects.host.read(description.original)
  if (problems.length > 0)
    throw new TenonError('DIALECT_INVALID', `the manifest of "${description.id}" no longer passes`, { problems })
}

function refuseTakenRole(table: PluginTable, record: PluginRecord): void {
  const taken = takenRole(table, record)
  if (taken !== undefined)
    throw new TenonError('ROLE_TAKEN', `the role "${taken.role}" is held by "${taken.by}"`, {
      hint: `Disable "${taken.by}" first.`,
    })
}

/** The first role of a plugin that another active one holds. */
export function takenRole(
  table: PluginTable,
  { id, description }: Pick<PluginRecord, 'id' | 'description'>,
): { role: string; by: string } | undefined {
  const roles = rolesOf(description)
  const holders = table.list().filter((other) => other.id !== id && other.status === 'active')
  return holders
    .flatMap((other) => rolesOf(other.description).map((role) => ({ role, by: other.id })))
    .find(({ role }) => roles.includes(role))
}

/** Takes a plugin out: no call, event or poll reaches it until it is enabled again. */
export function disablePlugin(
  { table, audit, left }: LifecyclePorts,
  id: string,
  reason: string,
  by: By,
): Promise<void> {
  const attempt = { ...by, action: 'plugin.disable', target: id }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      const record = knownPlugin(table, id)
      await audit.record({ ...attempt, decision: 'allow', reason: reason === '' ? 'no reason given' : reason })
      table.put({ ...record, status: 'disabled', statusReason: reason })
      await left(id)
    },
  )
}

/** Takes a plugin out that did not start, while that is still so: nothing starts it until it is enabled or updated. */
export async function quarantinePlugin(
  { table, audit, left }: LifecyclePorts,
  id: string,
  { code, message }: TenonError,
  by: By,
): Promise<void> {
  await audit.record({ ...by, action: 'plugin.quarantine', target: id, decision: 'deny', reason: code })
  table.put({ ...knownPlugin(table, id), status: 'quarantined', statusReason: message })
  await left(id)
}

export function unregisterPlugin({ table, audit, left }: LifecyclePorts, id: string, by: By): Promise<void> {
  const attempt = { ...by, action: 'plugin.unregister', target: id }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      knownPlugin(table, id)
      await audit.record({ ...attempt, decision: 'allow', reason: 'removed' })
      table.remove(id)
      await left(id)
    },
  )
}
