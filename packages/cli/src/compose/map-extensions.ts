import { builtInPlugins } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { configuredExtensions, type ConfiguredExtensions, type Participants } from './configured-extensions.ts'
import { openMapPlugins, pluginFolders } from './map-plugins.ts'
import type { PluginStores } from './plugin-stores.ts'

/** What a verb of `sm` works with: plugins that lie in folders. */
export function extensionsInFolders(
  { io, world, place }: SmCli,
  { noBuiltIns, noPlugins, pluginDir = [], trust = [], distrust = [] }: ExtensionFlags,
): Participants {
  const folders = noPlugins ? [] : pluginFolders(world, pluginDir, place.scope)
  return {
    builtIns: noBuiltIns ? [] : builtInPlugins,
    open: (wish) => openMapPlugins(io, world, { ...wish, folders, trust, distrust }),
  }
}

/** The extensions of a map that a verb of `sm` works with, as its configuration has them, until this is disposed of. */
export const mapExtensions = (
  cli: SmCli,
  flags: ExtensionFlags,
  stores?: PluginStores,
): Promise<ConfiguredExtensions & AsyncDisposable> =>
  configuredExtensions(cli, extensionsInFolders(cli, flags), stores === undefined ? {} : { stores })
