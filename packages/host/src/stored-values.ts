import { limits, type Json, type Problem } from '@tenon/contract'
import type { KeyValueRules } from '@tenon/storage'
import { bundledSchema } from './bundled-schema.ts'
import type { InstalledPlugin } from './records.ts'

/** What holds for the keys and values of a plugin: its quota, and the schema that its spec names for every value. */
export const keyValueRules = (plugin: InstalledPlugin): KeyValueRules => ({
  quotaBytes: (plugin.description.storage?.quotaMb ?? limits.kvQuotaMbDefault) * 1_048_576,
  problems: storedValueProblems(plugin),
})

function storedValueProblems(plugin: InstalledPlugin): (value: Json) => Problem[] {
  const path = plugin.description.storage?.schema
  return path === undefined ? () => [] : bundledSchema(plugin, path).problems
}
