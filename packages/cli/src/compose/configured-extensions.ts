import {
  disabledIn,
  disabledKinds,
  scanSettings,
  type Config,
  type ExtensionSource,
  type ScanOptions,
} from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapSwitches } from './map-catalogue.ts'
import { mapConfig, type ConfigOptions } from './map-config.ts'
import { mapExtensions } from './map-extensions.ts'
import { secretsFor } from './map-secrets.ts'
import { OWN_FOLDERS } from './own-folders.ts'
import type { PluginStores } from './plugin-stores.ts'

/** Extensions, and what the configuration of a map says about them. */
export type ConfiguredExtensions = {
  config: Config
  extensions: readonly ExtensionSource[]
  options: ReturnType<typeof scanSettings> & Required<Pick<ScanOptions, 'disabled' | 'secrets'>>
}

/** The extensions of a map as its configuration has them, loaded until this is disposed of. */
export async function configuredExtensions(
  cli: SmCli,
  flags: ExtensionFlags & { stores?: PluginStores },
  wish: ConfigOptions = {},
): Promise<ConfiguredExtensions & AsyncDisposable> {
  const { config } = await mapConfig(cli, wish)
  const keys = disabledIn(mapSwitches(cli, config))
  const secrets = await secretsFor(cli, config)
  const opened = await mapExtensions(cli, flags, {
    isEnabled: (id) => !keys.includes(id),
    ...(flags.stores && { stores: flags.stores }),
  })
  const settings = scanSettings(config)
  const disabled = { keys, kinds: disabledKinds(cli.world.env) }
  return {
    ...{ config, extensions: opened.sources },
    options: { ...settings, ignore: [...OWN_FOLDERS, ...settings.ignore], secrets, disabled },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
