import type { Json, Problem } from '@tenon/contract'
import { bundledSchema } from './bundled-schema.ts'
import type { InstalledPlugin } from './records.ts'

/** What is wrong with a value that the plugin stores, by the schema that its spec names for all of them; nothing without one. */
export function storedValueProblems(plugin: InstalledPlugin): (value: Json) => Problem[] {
  const path = plugin.description.storage?.schema
  return path === undefined ? () => [] : bundledSchema(plugin, path).problems
}
