import { TenonError } from '@tenon/contract'
import type { Health } from './health.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'

export function knownPlugin(table: PluginTable, id: string): PluginRecord {
  const record = table.get(id)
  if (record === undefined)
    throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin "${id}"`, {
      hint: 'GET /plugins lists those there are.',
    })
  return record
}

export function refuseInactive({ id, status }: PluginRecord): void {
  if (status !== 'active')
    throw new TenonError('PLUGIN_DISABLED', `"${id}" is ${status}`, { hint: 'An administrator enables it.' })
}

/** A plugin that is not active or not well asks nothing of others. */
export function activeCaller({ table, health }: { table: PluginTable; health: Health }, id: string): PluginRecord {
  const record = knownPlugin(table, id)
  if (record.status !== 'active')
    throw new TenonError('PERMISSION_DENIED', `"${id}" is ${record.status} and may not call`, {
      hint: 'An administrator enables it.',
    })
  if (health.of(id).status === 'unhealthy')
    throw new TenonError('PLUGIN_UNHEALTHY', `"${id}" is unhealthy and may not call`)
  return record
}
