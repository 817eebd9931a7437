import { parseCapability, printCapability, TenonError, type Audit } from '@tenon/contract'
import { recordingRefusal, type By } from './audited.ts'
import { knownPlugin } from './known-plugin.ts'
import { isAddress } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'

type Ports = { table: PluginTable; audit: Audit }

/** Says where a remote plugin answers. */
export function setAddress({ table, audit }: Ports, id: string, address: string, by: By): Promise<void> {
  const attempt = { ...by, action: 'plugin.address', target: id }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      const record = knownPlugin(table, id)
      if (record.description.runtime.kind !== 'remote')
        throw new TenonError('HTTP_INVALID', `"${id}" runs inside this host and has no address`)
      if (!isAddress(address)) throw new TenonError('HTTP_INVALID', `"${address}" is not http(s)://host[:port]`)
      await audit.record({ ...attempt, decision: 'allow', reason: address })
      table.put({ ...record, address })
    },
  )
}

/** Grants exactly these capabilities to a plugin on this host; `next` makes them of those it has. */
export function changeGrants(
  { table, audit }: Ports,
  id: string,
  next: (granted: readonly string[]) => readonly string[],
  by: By,
): Promise<string[]> {
  const attempt = { ...by, action: 'capability.grant', target: id }
  return recordingRefusal(
    audit,
    () => attempt,
    async () => {
      knownPlugin(table, id)
      const granted = next(table.grants(id)).map((text) => printCapability(parseCapability(text)))
      await audit.record({ ...attempt, decision: 'allow', reason: granted.join(' ') || 'none' })
      table.setGrants(id, granted)
      return table.grants(id)
    },
  )
}
