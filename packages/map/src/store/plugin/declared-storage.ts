import { basename, normalize } from 'node:path'
import { decodeUtf8, TenonError } from '@tenon/contract'
import { mapRuntime, type LoadablePlugin } from '../../plugins/discover.ts'
import type { DedicatedStorage } from './plugin-migrations.ts'

/** The tables that a plugin declares with the text of its migrations, or undefined when it declares none. */
export function dedicatedStorageOf({ id, description, files }: LoadablePlugin): DedicatedStorage | undefined {
  const storage = mapRuntime(description).mapStorage
  if (storage?.mode !== 'dedicated') return undefined
  const texts = new Map(files.files.map(({ path, bytes }) => [path, bytes]))
  const migrations = storage.migrations.map((path) => {
    const bytes = texts.get(normalize(path))
    if (bytes === undefined) throw new TenonError('MIGRATION_FAILED', `${id} has no file ${path}`)
    return { name: basename(path), sql: decodeUtf8(bytes, `${id}/${path}`) }
  })
  return { pluginId: id, tables: storage.tables, migrations }
}
