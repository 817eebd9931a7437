import { disabledIn, disabledKinds, scanSettings, switchesOf, type ExtensionSource, type ScanOptions } from '@tenon/map'
import type { ExtensionFlags } from '../commands/map/extension-flags.ts'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapConfig } from './map-config.ts'
import { mapExtensions } from './map-extensions.ts'

/** Extensions, and what the configuration of a map says about them. */
export type ConfiguredExtensions = {
  extensions: readonly ExtensionSource[]
  options: Required<Pick<ScanOptions, 'disabled' | 'settings' | 'ignore' | 'maxFileBytes'>>
}

/** The extensions of a map as its configuration has them, loaded until this is disposed of. */
export async function configuredExtensions(
  cli: SmCli,
  flags: ExtensionFlags,
): Promise<ConfiguredExtensions & AsyncDisposable> {
  const { config } = await mapConfig(cli)
  const keys = disabledIn(switchesOf(config))
  const opened = await mapExtensions(cli, flags, (id) => !keys.includes(id))
  const disabled = { keys, kinds: disabledKinds(cli.world.env) }
  const { settings, ignore, maxFileBytes } = scanSettings(config)
  return {
    extensions: opened.sources,
    options: { disabled, settings, ignore, maxFileBytes },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}
