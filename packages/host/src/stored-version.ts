import { isObject, TenonError, type Description, type JsonObject } from '@tenon/contract'
import type { PluginProcess } from '@tenon/sandbox'
import type { ConfigurationLayer, KeyValue, LayerChange, Storage } from '@tenon/storage'
import type { InstalledPlugin } from './records.ts'
import { openConfiguration, versionOf } from './configuration.ts'
import { keyValueRules } from './stored-values.ts'

type Way = { from: number; to: number }
/** From which version to which, and how many keys or settings become others. */
export type Move = Way & { changed: number }

/** Something that a plugin stored in one version, on its way to the one that it declares. */
export type StoredVersion = Way & {
  move(): Promise<Move>
  /** Has the plugin's code take each step; nothing is changed by that. */
  step(process: PluginProcess): Promise<void>
  /** Gives the settings that it wrote. */
  commit(who: string): Promise<LayerChange[]>
}

export type StoredKeys = StoredVersion & { kv: KeyValue; isNew: boolean }

export async function storedKeys(storage: Storage, plugin: InstalledPlugin): Promise<StoredKeys> {
  const { description } = plugin
  const keys = await storage.migration(description.id, keyValueRules(plugin))
  const way = passable(description, keysWay(description, keys.from))
  return {
    ...way,
    kv: keys.kv,
    isNew: keys.from === undefined,
    move: async () => ({ ...way, changed: await keys.changed() }),
    step: async (process) => {
      for (const to of stepsOf(way)) await process.migrate(to)
    },
    commit: async () => {
      await keys.commit(way.to)
      return []
    },
  }
}

export async function storedSettings(storage: Storage, { description }: InstalledPlugin): Promise<StoredVersion> {
  const config = openConfiguration(storage, description)
  const set = await config.layers()
  const way = passable(description, settingsWay(description, set?.shape))
  let layers: ConfigurationLayer[] = []
  return {
    ...way,
    move: async () => ({ ...way, changed: layers.reduce((sum, { values }) => sum + Object.keys(values).length, 0) }),
    step: async (process) => {
      for (const layer of set?.layers ?? [])
        layers.push({ ...layer, values: await steppedValues(process, way, layer.values) })
      config.checkLayers(layers)
    },
    commit: (who) => {
      const why = `brought from version ${way.from} of the settings to version ${way.to}`
      return config.replace(layers, set?.version ?? 0, { who, why })
    },
  }
}

async function steppedValues(process: PluginProcess, way: Way, before: JsonObject): Promise<JsonObject> {
  let values = before
  for (const to of stepsOf(way)) {
    const next = await process.migrateSettings(to, values)
    if (!isObject(next)) throw new TenonError('MIGRATION_FAILED', `the migration to version ${to} answers no settings`)
    values = next
  }
  return values
}

const stepsOf = ({ from, to }: Way): number[] => Array.from({ length: to - from }, (_, index) => from + 1 + index)

/** Why this version of a plugin must not start over what is stored: that is of a later one. */
export async function newerStored(storage: Storage, description: Description): Promise<TenonError[]> {
  const { from } = await storage.migration(description.id, { quotaBytes: 0 })
  const shape = await openConfiguration(storage, description).shape()
  return [keysWay(description, from), settingsWay(description, shape)].flatMap((way) => newer(description, way) ?? [])
}

type What = 'keys' | 'settings'
type StoredWay = Way & { what: What }

const keysWay = (description: Description, from: number | undefined): StoredWay =>
  wayOf('keys', versionOf(description, description.storage?.schemaVersion), from)

const settingsWay = (description: Description, from: number | undefined): StoredWay =>
  wayOf('settings', versionOf(description, description.settingsVersion), from)

/** Where nothing is stored, there is nothing to bring. */
const wayOf = (what: What, to: number, from = to): StoredWay => ({ what, from, to })

function passable(description: Description, way: StoredWay): Way {
  const fault = newer(description, way)
  if (fault !== undefined) throw fault
  return { from: way.from, to: way.to }
}

function newer({ id }: Description, { what, from, to }: StoredWay): TenonError | undefined {
  if (from <= to) return undefined
  return new TenonError('STORAGE_NEWER', `the ${what} of "${id}" are of version ${from}, and it knows version ${to}`, {
    hint: 'Install the version of the plugin that stored them, or a later one, or restore a backup of before.',
    details: { from, to },
  })
}
