import { parseJson, TenonError, type Json } from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import type { InstalledPlugin } from './records.ts'

/** A schema that the spec names, from the plugin's bundle. What it would have to check is refused without it. */
export const bundledSchema = (installed: InstalledPlugin, path: string): Validator<Json> =>
  foreignValidator(documentAt(installed, path))

/** The same for a list of one, of which nothing is asked that only the whole list could fulfil. */
export function bundledPartSchema(installed: InstalledPlugin, path: string): Validator<Json> {
  const document = documentAt(installed, path)
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  const kept = isObject ? Object.entries(document).filter(([keyword]) => !OF_WHOLE_LISTS.has(keyword)) : []
  return foreignValidator(isObject ? Object.fromEntries(kept) : document)
}

const OF_WHOLE_LISTS = new Set([
  ...['minItems', 'maxItems', 'uniqueItems', 'prefixItems'],
  ...['contains', 'minContains', 'maxContains', 'unevaluatedItems'],
])

function documentAt({ description: { id }, file }: InstalledPlugin, path: string): Json {
  const bytes = file(path)
  if (bytes === undefined) throw new TenonError('SCHEMA_INVALID', `${id} has no ${path}, which its spec names`)
  return parseJson(Buffer.from(bytes).toString('utf8'), path)
}
