import { ownValue, type Json, type SettingsDeclaration } from '@tenon/contract'
import type { Switches } from '../config/scan-settings.ts'
import type { ExtensionSource, MapPlugin } from '../kernel/extension.ts'
import type { LoadedExtension, LoadFault } from '../kernel/loaded-extension.ts'
import type { Manifest } from '../kernel/manifest-schema.ts'
import { readExtensions } from '../kernel/registry.ts'
import { mapRuntime, type DiscoveredPlugin, type LoadStatus } from './loadable.ts'
import type { LoadedPlugins } from './load.ts'

export type KnownExtension = { key: string; manifest: Manifest; enabled: boolean }

/** A plugin that ships with the map or lies in a folder, as far as it could be read. */
export type KnownPlugin = {
  id: string
  source: 'built-in' | DiscoveredPlugin['source']
  status: LoadStatus
  reason?: string
  /** What a `plugin.json` says, where it can be read. */
  version?: string
  granularity: MapPlugin['granularity']
  description?: string
  settings: SettingsDeclaration
  /** Those that could be loaded: none of a plugin that is switched off as a whole. */
  extensions: KnownExtension[]
  folder?: string
  manifest?: Json
}

/** All plugins there are, the built-in ones first. */
export function knownPlugins(
  builtIns: readonly ExtensionSource[],
  { plugins, extensions }: LoadedPlugins,
  switches: Switches,
): KnownPlugin[] {
  const read = readExtensions([...builtIns, ...extensions])
  const ofPlugin = (id: string): KnownExtension[] =>
    read.extensions.filter(({ plugin }) => plugin.id === id).map((extension) => knownExtension(extension, switches))
  const own = [...new Map(builtIns.map(({ plugin }) => [plugin.id, plugin])).values()]
  return [
    ...own.map((plugin) => builtIn(plugin, ofPlugin(plugin.id), switches)),
    ...plugins.map((plugin) => fromFolder(plugin, ofPlugin(plugin.id), read.faults)),
  ]
}

/** The keys of what of a plugin is switched: it as a whole, or each of its extensions. */
export const switchKeys = ({ id, granularity, extensions }: KnownPlugin): string[] =>
  granularity === 'bundle' ? [id] : extensions.map(({ key }) => key)

const knownExtension = ({ key, plugin, manifest }: LoadedExtension, switches: Switches): KnownExtension => ({
  key,
  manifest,
  enabled: ownValue(switches, plugin.granularity === 'bundle' ? plugin.id : key) ?? true,
})

const builtIn = (plugin: MapPlugin, extensions: KnownExtension[], switches: Switches): KnownPlugin => ({
  id: plugin.id,
  source: 'built-in',
  status: plugin.granularity === 'bundle' && ownValue(switches, plugin.id) === false ? 'disabled' : 'enabled',
  version: plugin.version,
  granularity: plugin.granularity,
  settings: plugin.settings ?? {},
  extensions,
})

function fromFolder(
  { id, folder, source, status, reason, description }: DiscoveredPlugin,
  extensions: KnownExtension[],
  faults: readonly LoadFault[],
): KnownPlugin {
  const fault = status === 'enabled' ? faults.find(({ pluginId }) => pluginId === id) : undefined
  const why = fault?.reason ?? reason
  const found = { id, folder, source, status: fault?.status ?? status, ...(why === undefined ? {} : { reason: why }) }
  if (description === undefined) return { ...found, granularity: 'bundle', settings: {}, extensions: [] }
  return {
    ...found,
    version: description.version,
    granularity: mapRuntime(description).granularity ?? 'bundle',
    ...(description.description === undefined ? {} : { description: description.description }),
    settings: description.settings ?? {},
    extensions: status === 'enabled' ? extensions : [],
    manifest: description.original,
  }
}
