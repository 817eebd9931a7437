import { parseJson, TenonError, type Json, type Problem } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import type { InstalledPlugin } from './records.ts'

/** What is wrong with a value that the plugin stores, by the schema that its spec names for all of them; nothing without one. */
export function storedValueProblems({ description, file }: InstalledPlugin): (value: Json) => Problem[] {
  const path = description.storage?.schema
  if (path === undefined) return () => []
  const bytes = file(path)
  if (bytes === undefined)
    throw new TenonError('SCHEMA_INVALID', `${description.id} has no ${path}, which its spec names for what it stores`)
  return foreignValidator(parseJson(Buffer.from(bytes).toString('utf8'), path)).problems
}
