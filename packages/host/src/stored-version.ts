import { isObject, TenonError, type Description, type JsonObject } from '@tenon/contract'
import type { PluginProcess } from '@tenon/sandbox'
import type { ConfigurationLayer, KeyValue, Storage } from '@tenon/storage'
import type { InstalledPlugin } from './records.ts'
import { openConfiguration, versionOf } from './configuration.ts'
import { keyValueRules } from './stored-values.ts'

/** From which version to which, and how many keys or settings become others. */
export type Move = { from: number; to: number; changed: number }

/** Something that a plugin stored in one version, on its way to the one that it declares. */
export type StoredVersion = {
  move(): Move
  /** Has the plugin's code take each step; nothing is changed by that. */
  step(process: PluginProcess): Promise<void>
  commit(who: string): Promise<void>
}

export type StoredKeys = StoredVersion & { kv: KeyValue; isNew: boolean }

export function storedKeys(storage: Storage, plugin: InstalledPlugin): StoredKeys {
  const { description } = plugin
  const keys = storage.migration(description.id, keyValueRules(plugin))
  const move = moveTo(description, 'keys', versionOf(description, description.storage?.schemaVersion), keys.from)
  return {
    kv: keys.kv,
    isNew: keys.from === undefined,
    move: () => ({ ...move, changed: keys.changed() }),
    step: async (process) => {
      for (const to of stepsOf(move)) await process.migrate(to)
    },
    commit: () => keys.commit(move.to),
  }
}

export async function storedSettings(storage: Storage, { description }: InstalledPlugin): Promise<StoredVersion> {
  const config = openConfiguration(storage, description)
  const set = await config.layers()
  const move = moveTo(description, 'settings', versionOf(description, description.settingsVersion), set?.shape)
  let layers: ConfigurationLayer[] = []
  return {
    move: () => ({ ...move, changed: layers.reduce((sum, { values }) => sum + Object.keys(values).length, 0) }),
    step: async (process) => {
      for (const layer of set?.layers ?? [])
        layers.push({ ...layer, values: await steppedValues(process, move, layer.values) })
      config.checkLayers(layers)
    },
    commit: (who) => {
      const why = `brought from version ${move.from} of the settings to version ${move.to}`
      return config.replace(layers, set?.version ?? 0, { who, why })
    },
  }
}

async function steppedValues(process: PluginProcess, move: Move, before: JsonObject): Promise<JsonObject> {
  let values = before
  for (const to of stepsOf(move)) {
    const next = await process.migrateSettings(to, values)
    if (!isObject(next)) throw new TenonError('MIGRATION_FAILED', `the migration to version ${to} answers no settings`)
    values = next
  }
  return values
}

const stepsOf = ({ from, to }: Move): number[] => Array.from({ length: to - from }, (_, index) => from + 1 + index)

/** Where nothing is stored, there is nothing to bring. */
function moveTo({ id }: Description, what: string, to: number, from = to): Move {
  if (from <= to) return { from, to, changed: 0 }
  throw new TenonError('STORAGE_NEWER', `the ${what} of "${id}" are of version ${from}, and it knows version ${to}`, {
    hint: 'Install the version of the plugin that stored them, or a later one, or restore a backup of before.',
    details: { from, to },
  })
}
