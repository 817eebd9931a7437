import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { TenonError, type World } from '@tenon/contract'
import {
  discoverPlugins,
  loadPlugins,
  openTrusted,
  workerOf,
  type LoadablePlugin,
  type LoadedPlugins,
  type OpenPlugin,
  type PluginFolder,
} from '@tenon/map'
import type { Io } from '../io.ts'
import type { PluginsWish } from './configured-extensions.ts'
import type { ContainedPlugins } from './contained-map-plugins.ts'
import { homeOf } from './locations.ts'
import { distrustMapPlugins, readMapTrust, trustMapPlugin } from './map-trust.ts'
import { writeWorker } from './map-worker.ts'

export type MapPluginsWish = PluginsWish & {
  folders: readonly PluginFolder[]
  /** Plugins that are to run in this process, now and as long as their files do not change. */
  trust: readonly string[]
  /** Plugins that are not to do so any more. */
  distrust: readonly string[]
}

/** The plugins of skill-map that lie in folders, loaded until this is disposed of. */
export type MapPlugins = LoadedPlugins & AsyncDisposable

/** The folders in which plugins are looked for: those that were named, else the project's and the user's. */
export function pluginFolders(world: World, given: readonly string[], scope: 'project' | 'global'): PluginFolder[] {
  if (given.length > 0) return given.map((path) => ({ path: resolve(world.cwd, path), source: 'given' }))
  const home = world.env['HOME']
  const own = resolve(world.cwd, '.skill-map/plugins')
  const users = home === undefined ? undefined : join(home, '.skill-map/plugins')
  return [
    ...(scope === 'project' && own !== users ? [{ path: own, source: 'project' as const }] : []),
    ...(users === undefined ? [] : [{ path: users, source: 'global' as const }]),
  ]
}

/** Loads plugins, each in a process that sees nothing but what the kernel hands it, or, where it is trusted, in this one. */
export async function openMapPlugins(io: Io, world: World, wish: MapPluginsWish): Promise<MapPlugins> {
  const found = await discoverPlugins(wish.folders, wish.isEnabled)
  await distrustMapPlugins(world, wish.distrust)
  for (const id of wish.trust) await trustGiven(world, found.find((plugin) => plugin.id === id) as LoadablePlugin, id)
  const trusted = new Map((await readMapTrust(world)).map(({ plugin, digest }) => [plugin, digest]))
  let contained: ContainedPlugins | undefined
  const open: OpenPlugin = async (plugin) => {
    const folder = writeWorker(join(homeOf(world), 'map'), workerOf(plugin), world)
    const store = wish.stores?.open(plugin)
    if (trusted.get(plugin.id) === plugin.files.digest)
      return openTrusted(plugin, (path) => importFrom(folder, path), store)
    const { containedPlugins } = await import('./contained-map-plugins.ts')
    return (contained ??= containedPlugins(io, world)).open(plugin, folder, store)
  }
  return { ...(await loadPlugins(found, open)), [Symbol.asyncDispose]: async () => contained?.stop() }
}

async function trustGiven(world: World, plugin: LoadablePlugin | undefined, id: string): Promise<void> {
  if (plugin?.files === undefined)
    throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin "${id}" that can be loaded and so trusted`, {
      hint: 'sm plugins list shows what there is.',
    })
  await trustMapPlugin(world, { plugin: id, digest: plugin.files.digest })
}

const importFrom = async (folder: string, path: string): Promise<{ default?: unknown }> =>
  (await import(pathToFileURL(join(folder, path)).href)) as { default?: unknown }
