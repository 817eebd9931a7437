import { basename, normalize } from 'node:path'
import { decodeUtf8, parseJson, TenonError, type Json, type Runtime } from '@tenon/contract'
import { foreignValidator, type Validator } from '@tenon/contract/schema'
import type { PluginFiles } from '../../plugins/plugin-files.ts'
import type { DedicatedStorage } from './plugin-migrations.ts'

/** What a plugin keeps, as it declares it, with the schemas that its values or rows have to fit. */
export type DeclaredStorage =
  | { mode: 'kv'; schema: Validator<Json> | undefined }
  | ({ mode: 'dedicated'; schemas: Readonly<Record<string, Validator<Json>>> } & DedicatedStorage)

type MapStorage = Extract<Runtime, { kind: 'map' }>['mapStorage']

/** Reads the files that a declaration names. Throws what is wrong with one of them; undefined where nothing is declared. */
export function declaredStorage(
  pluginId: string,
  storage: MapStorage,
  files: PluginFiles,
): DeclaredStorage | undefined {
  if (storage === undefined) return undefined
  const textOf = textsIn(files)
  const schemaAt = (path: string): Validator<Json> => foreignValidator(parseJson(textOf(path), path))
  if (storage.mode === 'kv')
    return { mode: 'kv', schema: storage.schema === undefined ? undefined : schemaAt(storage.schema) }
  const { tables, migrations, schemas = {} } = storage
  const ofNone = Object.keys(schemas).filter((table) => !tables.includes(table))
  if (ofNone.length > 0)
    throw new TenonError('SCHEMA_INVALID', `storage.schemas: ${ofNone.join(', ')} is no table of it`)
  return {
    mode: 'dedicated',
    pluginId,
    tables,
    migrations: migrations.map((path) => ({ name: basename(path), sql: textOf(path) })),
    schemas: Object.fromEntries(Object.entries(schemas).map(([table, path]) => [table, schemaAt(path)])),
  }
}

function textsIn({ files }: PluginFiles): (path: string) => string {
  const texts = new Map(files.map(({ path, bytes }) => [path, bytes]))
  return (path) => {
    // Nothing holds a declaration to its types before.
    const bytes = typeof path === 'string' ? texts.get(normalize(path)) : undefined
    if (bytes === undefined) throw new TenonError('SPEC_INVALID', `storage: it has no file ${JSON.stringify(path)}`)
    return decodeUtf8(bytes, path)
  }
}
