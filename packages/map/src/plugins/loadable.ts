import { normalize } from 'node:path'
import semver from 'semver'
import type { Description, Runtime } from '@tenon/contract'
import { messageOf } from '../kernel/in-process.ts'
import { declaredStorage } from '../store/plugin/declared-storage.ts'
import { tableCollisions } from '../store/plugin/plugin-tables.ts'
import { CATALOG_VERSION, SPEC_VERSION } from '../versions.ts'
import type { PluginFiles } from './plugin-files.ts'

export type LoadStatus =
  | 'enabled'
  | 'disabled'
  | 'incompatible-spec'
  | 'incompatible-catalog'
  | 'invalid-manifest'
  | 'load-error'
  | 'id-collision'

/** A plugin that lies in a folder, or is installed in a workspace, and whether it can take part. */
export type DiscoveredPlugin = {
  id: string
  folder: string
  source: 'project' | 'global' | 'given' | 'installed'
  status: LoadStatus
  reason?: string
  /** What its `plugin.json` says, where that can be read. */
  description?: Description
}

/** A plugin that can be loaded, with all of its files. */
export type LoadablePlugin = DiscoveredPlugin & { description: Description; files: PluginFiles }

type MapRuntime = Extract<Runtime, { kind: 'map' }>

/** What a plugin of this dialect says of its extensions. */
export const mapRuntime = ({ runtime }: Description): MapRuntime => runtime as MapRuntime

export const isLoadable = (plugin: DiscoveredPlugin | LoadablePlugin): plugin is LoadablePlugin =>
  plugin.status === 'enabled' && 'files' in plugin

/** Whether a plugin is switched off as a whole: where each extension is switched, it is not. */
export const isSwitchedOff = (description: Description, isEnabled: (id: string) => boolean): boolean =>
  (mapRuntime(description).granularity ?? 'bundle') === 'bundle' && !isEnabled(description.id)

/** Says of a plugin whether it can be loaded. Its files are read only when nothing else speaks against it. */
export async function judged(
  found: Pick<DiscoveredPlugin, 'id' | 'folder' | 'source'>,
  description: Description,
  isEnabled: (id: string) => boolean,
  read: () => Promise<PluginFiles>,
): Promise<DiscoveredPlugin | LoadablePlugin> {
  const fault = versionFault(description)
  if (fault !== undefined) return { ...found, ...fault, description }
  if (isSwitchedOff(description, isEnabled)) return { ...found, status: 'disabled', description }
  return { ...found, ...(await filesOf(read, description)), description }
}

/** Plugins that would keep their things in the same table are none of them loaded. */
export function withoutSharedTables(
  found: readonly (DiscoveredPlugin | LoadablePlugin)[],
): (DiscoveredPlugin | LoadablePlugin)[] {
  const shared = tableCollisions(
    found.filter(isLoadable).flatMap(({ id, description }) => {
      const storage = mapRuntime(description).mapStorage
      return storage?.mode === 'dedicated' ? [{ pluginId: id, tables: storage.tables }] : []
    }),
  )
  return found.map((plugin) => {
    const reasons = shared.flatMap(({ pluginId, message }) => (pluginId === plugin.id ? [message] : []))
    if (reasons.length === 0) return plugin
    const { id, folder, source } = plugin
    return { id, folder, source, status: 'load-error', reason: reasons.join('; ') }
  })
}

export type Fault = { status: LoadStatus; reason: string }

function versionFault(description: Description): Fault | undefined {
  return (
    rangeFault('specCompat', description.engines?.['skill-map'], SPEC_VERSION, 'incompatible-spec') ??
    rangeFault('catalogCompat', mapRuntime(description).catalogCompat, CATALOG_VERSION, 'incompatible-catalog')
  )
}

function rangeFault(field: string, range: string | undefined, version: string, status: LoadStatus): Fault | undefined {
  if (range === undefined) return undefined
  if (semver.validRange(range) === null)
    return { status: 'invalid-manifest', reason: `${field}: "${range}" is no range of versions` }
  if (semver.satisfies(version, range, { includePrerelease: true })) return undefined
  return { status, reason: `${field}: "${range}" does not allow ${version}` }
}

async function filesOf(
  read: () => Promise<PluginFiles>,
  description: Description,
): Promise<Fault | { status: 'enabled'; files: PluginFiles }> {
  try {
    const files = await read()
    const paths = new Set(files.files.map(({ path }) => path))
    const missing = mapRuntime(description).extensions.filter((path) => !paths.has(normalize(path)))
    if (missing.length > 0) return { status: 'load-error', reason: `it has no file ${missing.join(', ')}` }
    declaredStorage(description.id, mapRuntime(description).mapStorage, files)
    return { status: 'enabled', files }
  } catch (thrown) {
    return { status: 'load-error', reason: messageOf(thrown) }
  }
}
