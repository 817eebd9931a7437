import { parseJson, TenonError, type Json } from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import type { InstalledPlugin } from './records.ts'

/** A schema that the spec names, from the plugin's bundle. What it would have to check is refused without it. */
export function bundledSchema({ description: { id }, file }: InstalledPlugin, path: string): Validator<Json> {
  const bytes = file(path)
  if (bytes === undefined) throw new TenonError('SCHEMA_INVALID', `${id} has no ${path}, which its spec names`)
  return foreignValidator(parseJson(Buffer.from(bytes).toString('utf8'), path))
}
