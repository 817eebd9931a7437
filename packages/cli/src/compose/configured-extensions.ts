import { disabledIn, disabledKinds, scanSettings, type ExtensionSource, type ScanOptions } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapSwitches } from './map-catalogue.ts'
import { mapConfig } from './map-config.ts'
import { mapExtensions } from './map-extensions.ts'
import { secretsFor } from './map-secrets.ts'
import type { PluginStores } from './plugin-stores.ts'

/** Extensions, and what the configuration of a map says about them. */
export type ConfiguredExtensions = {
  extensions: readonly ExtensionSource[]
  options: Required<Pick<ScanOptions, 'disabled' | 'settings' | 'secrets' | 'ignore' | 'maxFileBytes'>>
}

/** The extensions of a map as its configuration has them, loaded until this is disposed of. */
export async function configuredExtensions(
  cli: SmCli,
  flags: ExtensionFlags & { stores?: PluginStores },
): Promise<ConfiguredExtensions & AsyncDisposable> {
  const { config } = await mapConfig(cli)
  const keys = disabledIn(mapSwitches(cli, config))
  const opened = await mapExtensions(cli, flags, {
    isEnabled: (id) => !keys.includes(id),
    ...(flags.stores && { stores: flags.stores }),
  })
  const secrets = await secretsFor(cli, config)
  const disabled = { keys, kinds: disabledKinds(cli.world.env) }
  const { settings, ignore, maxFileBytes } = scanSettings(config)
  return {
    extensions: opened.sources,
    options: { disabled, settings, secrets, ignore, maxFileBytes },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
