import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Description } from '@tenon/contract'
import { readDialect } from '@tenon/contract/schema'
import { messageOf } from '../kernel/in-process.ts'
import { judged, withoutSharedTables, type DiscoveredPlugin, type Fault, type LoadablePlugin } from './loadable.ts'
import { readPluginFiles } from './plugin-files.ts'

/** A folder whose children are plugins. */
export type PluginFolder = { path: string; source: 'project' | 'global' | 'given' }

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
  const fault = folderFault(description, name)
  if (fault !== undefined) return { ...found, ...fault, description }
  return judged(found, description, isEnabled, () => readPluginFiles(folder))
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

function folderFault({ id }: Description, name: string): Fault | undefined {
  if (id === name) return undefined
  return { status: 'invalid-manifest', reason: `its folder is called "${name}" and its manifest says "${id}"` }
}

const isAbsent = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && ['ENOENT', 'ENOTDIR'].includes(String(thrown.code))

function noneIfAbsent(thrown: unknown): [] {
  if (!isAbsent(thrown)) throw thrown
  return []
}
