import type { Description, World } from '@tenon/contract'
import type { By } from './audited.ts'
import { takenRole, unregisterPlugin, type LifecyclePorts } from './lifecycle.ts'
import type { PluginTable } from './plugin-table.ts'
import type { InstalledPlugin, Installations, PluginRecord, PluginStatus } from './records.ts'

export type InstalledPorts = { world: World; lifecycle: LifecyclePorts; installations: Installations }

/**
 * Takes installed plugins into the register, and those out that are no longer installed. Registration never activates,
 * installation neither: what is new waits for `enable`.
 */
export async function syncInstalled(ports: InstalledPorts, by: By): Promise<void> {
  const { table } = ports.lifecycle
  const { installations } = ports
  const installed = installations.list().filter(({ description }) => description.runtime.kind !== 'remote')
  const ids = installed.map(({ description }) => description.id)
  // What cannot be read now stays as it was; it is refused when it is to run.
  const unread = installations.ids().filter((id) => installations.get(id) === undefined)
  // One of the same id that registered itself is another plugin: nothing of it passes to the one that is installed.
  const gone = table
    .list()
    .filter(({ id, origin }) => (ids.includes(id) ? origin === 'registered' : origin === 'installed'))
    .filter(({ id }) => !unread.includes(id))
  for (const { id } of gone) await unregisterPlugin(ports.lifecycle, id, by)
  for (const plugin of installed) await takeIn(ports, plugin, by)
}

async function takeIn(ports: InstalledPorts, { description, manifestDigest }: InstalledPlugin, by: By): Promise<void> {
  const { table, audit, joined, left } = ports.lifecycle
  const known = table.get(description.id)
  if (known !== undefined && isSame(known.description, description)) return
  await audit.record({
    ...by,
    action: 'plugin.install',
    target: description.id,
    decision: 'allow',
    reason: `version ${description.version}`,
    details: { manifest: manifestDigest },
  })
  if (known !== undefined) await left(description.id)
  const record = recordOf(description, known, table, ports.world)
  table.put(record)
  if (record.status === 'active') await joined(record)
}

const isSame = (one: Description, other: Description): boolean => JSON.stringify(one) === JSON.stringify(other)

const recordOf = (
  description: Description,
  known: PluginRecord | undefined,
  table: PluginTable,
  world: World,
): PluginRecord => ({
  id: description.id,
  description,
  origin: 'installed',
  status: statusOf(description, known, table),
  registeredAt: new Date(world.now()).toISOString(),
  tokenId: undefined,
  address: undefined,
  statusReason: known?.status === 'disabled' ? known.statusReason : undefined,
})

/** An update stays active, and leaves quarantine, unless it claims a role that another plugin holds by now. */
function statusOf(description: Description, known: PluginRecord | undefined, table: PluginTable): PluginStatus {
  if (known === undefined || known.status === 'registered') return 'registered'
  if (known.status === 'disabled') return 'disabled'
  return takenRole(table, { id: description.id, description }) === undefined ? 'active' : 'registered'
}
