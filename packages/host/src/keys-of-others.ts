import { TenonError } from '@tenon/contract'
import type { KeyValue, KeyValueRules, Storage } from '@tenon/storage'
import { versionOf } from './configuration.ts'
import { refuseUnqualified } from './gateway.ts'
import type { Health } from './health.ts'
import { activeCaller } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'
import type { InstalledPlugin, Installations } from './records.ts'
import { keyValueRules } from './stored-values.ts'

/** The keys and values of an installed plugin, for another that is granted them. Throws why that one is not given them. */
export type KeysOfOthers = (caller: string, owner: string) => KeyValue

export type KeysOfOthersPorts = { table: PluginTable; health: Health; installations: Installations; storage: Storage }

/** Quota, schema and version are the owner's: whoever writes its keys is held to what it would be held to itself. */
export function keysOfOthers(ports: KeysOfOthersPorts): KeysOfOthers {
  const known = new WeakMap<InstalledPlugin, KeyValueRules>()
  const rulesOf = (owner: InstalledPlugin): KeyValueRules => {
    const { description } = owner
    const version = versionOf(description, description.storage?.schemaVersion)
    const rules = known.get(owner) ?? { ...keyValueRules(owner), version }
    known.set(owner, rules)
    return rules
  }
  return (caller, id) => {
    const { description } = activeCaller(ports, caller)
    const owner = ports.installations.get(id) ?? unknown(id)
    refuseUnqualified(description, owner.description)
    return ports.storage.kv(id, rulesOf(owner))
  }
}

function unknown(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed here, so it has no keys`, {
    hint: 'Install it, or name it in dependencies of plugin.spec.json.',
  })
}
