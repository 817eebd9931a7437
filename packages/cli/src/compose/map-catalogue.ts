import {
  builtInPlugins,
  knownPlugins,
  switchesOf,
  type KnownPlugin,
  type LayeredConfig,
  type Switches,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapConfig } from './map-config.ts'
import { openMapPlugins, pluginFolders } from './map-plugins.ts'
import { mapSwitches } from './map-switches.ts'

export type MapCatalogue = { plugins: KnownPlugin[]; layered: LayeredConfig; switches: Switches }

/** Every plugin that there is for a map, each asked once what it consists of; without a database that cannot be read. */
export async function mapCatalogue(
  cli: SmCli,
  pluginDir: readonly string[] = [],
  isReadable = true,
): Promise<MapCatalogue> {
  const { io, world, place } = cli
  const layered = await mapConfig(cli)
  const switches = isReadable ? mapSwitches(cli, layered.config) : switchesOf(layered.config)
  const folders = pluginFolders(world, pluginDir, place.scope)
  const isEnabled = (id: string): boolean => switches[id] !== false
  await using loaded = await openMapPlugins(io, world, { folders, trust: [], distrust: [], isEnabled })
  return { plugins: knownPlugins(builtInPlugins, loaded, switches), layered, switches }
}
