import { readdir, readFile } from 'node:fs/promises'
import { basename, join, normalize } from 'node:path'
import semver from 'semver'
import type { Description, Runtime } from '@tenon/contract'
import { readDialect } from '@tenon/contract/schema'
import { messageOf } from '../kernel/in-process.ts'
import { declaredStorage } from '../store/plugin/declared-storage.ts'
import { tableCollisions } from '../store/plugin/plugin-tables.ts'
import { CATALOG_VERSION, SPEC_VERSION } from '../versions.ts'
import { readPluginFiles, type PluginFiles } from './plugin-files.ts'

/** A folder whose children are plugins. */
export type PluginFolder = { path: string; source: 'project' | 'global' | 'given' }

export type LoadStatus =
  | 'enabled'
  | 'disabled'
  | 'incompatible-spec'
  | 'incompatible-catalog'
  | 'invalid-manifest'
  | 'load-error'
  | 'id-collision'

/** A plugin that lies in a folder, and whether it can take part. */
export type DiscoveredPlugin = {
  id: string
  folder: string
  source: PluginFolder['source']
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

/** Looks for plugins in the children of these folders, and says of each whether it can be loaded. None stops another. */
export async function discoverPlugins(
  folders: readonly PluginFolder[],
  isEnabled: (id: string) => boolean = () => true,
): Promise<(DiscoveredPlugin | LoadablePlugin)[]> {
  const found = (await Promise.all(folders.map((folder) => pluginsIn(folder, isEnabled)))).flat()
  const byId = Map.groupBy(found, ({ id }) => id)
  const known = found.map((plugin) => {
    const same = byId.get(plugin.id) ?? []
    if (same.length < 2) return plugin
    const { id, folder, source } = plugin
    const others = same.filter((other) => other !== plugin).map((other) => other.folder)
    return { id, folder, source, status: 'id-collision' as const, reason: `${others.join(', ')} has the same id` }
  })
  return withoutSharedTables(known)
}

/** Plugins that would keep their things in the same table are none of them loaded. */
function withoutSharedTables(
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

async function pluginsIn(
  { path, source }: PluginFolder,
  isEnabled: (id: string) => boolean,
): Promise<(DiscoveredPlugin | LoadablePlugin)[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(noneIfAbsent)
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name))
  const found = await Promise.all(folders.toSorted().map((folder) => pluginAt(folder, source, isEnabled)))
  return found.flatMap((plugin) => plugin ?? [])
}

async function pluginAt(
  folder: string,
  source: PluginFolder['source'],
  isEnabled: (id: string) => boolean,
): Promise<DiscoveredPlugin | LoadablePlugin | undefined> {
  const name = basename(folder)
  const read = await readManifest(join(folder, 'plugin.json'))
  if (read === undefined) return undefined
  const { description, reason } = read
  const found = { id: description?.id ?? name, folder, source }
  if (description === undefined) return { ...found, status: 'invalid-manifest', reason: reason ?? '' }
  const fault = folderFault(description, name) ?? versionFault(description)
  if (fault !== undefined) return { ...found, ...fault, description }
  const { granularity = 'bundle' } = mapRuntime(description)
  // Where each extension is switched, the plugin as a whole is not.
  if (granularity === 'bundle' && !isEnabled(description.id)) return { ...found, status: 'disabled', description }
  return { ...found, ...(await filesOf(folder, description)), description }
}

/** Undefined where there is no such file: the folder is no plugin. */
async function readManifest(path: string): Promise<{ description?: Description; reason?: string } | undefined> {
  try {
    const { description, problems } = readDialect('skill-map', await readFile(path, 'utf8'))
    if (description !== undefined) return { description }
    return { reason: problems.map(({ pointer, message }) => `plugin.json ${pointer} ${message}`).join('; ') }
  } catch (thrown) {
    return isAbsent(thrown) ? undefined : { reason: messageOf(thrown) }
  }
}

type Fault = { status: LoadStatus; reason: string }

function folderFault({ id }: Description, name: string): Fault | undefined {
  if (id === name) return undefined
  return { status: 'invalid-manifest', reason: `its folder is called "${name}" and its manifest says "${id}"` }
}

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
  folder: string,
  description: Description,
): Promise<Fault | { status: 'enabled'; files: PluginFiles }> {
  try {
    const files = await readPluginFiles(folder)
    const paths = new Set(files.files.map(({ path }) => path))
    const missing = mapRuntime(description).extensions.filter((path) => !paths.has(normalize(path)))
    if (missing.length > 0) return { status: 'load-error', reason: `it has no file ${missing.join(', ')}` }
    declaredStorage(description.id, mapRuntime(description).mapStorage, files)
    return { status: 'enabled', files }
  } catch (thrown) {
    return { status: 'load-error', reason: messageOf(thrown) }
  }
}

const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && ['ENOENT', 'ENOTDIR'].includes(String(thrown.code))

function noneIfAbsent(thrown: unknown): [] {
  if (!isAbsent(thrown)) throw thrown
  return []
}
