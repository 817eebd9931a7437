import { ownValue } from '@tenon/contract'
import {
  disabledIn,
  disabledKinds,
  scanSettings,
  type Config,
  type ConfiguredSettings,
  type ExtensionSource,
  type LoadedPlugins,
  type OpenedSecrets,
  type ScanOptions,
  type Switches,
} from '@tenon/map'
import { mapConfig, type ConfigOptions } from './map-config.ts'
import type { MapGround } from './map-ground.ts'
import { secretsFor } from './map-secrets.ts'
import { mapSwitches } from './map-switches.ts'
import { OWN_FOLDERS } from './own-folders.ts'
import type { PluginStores } from './plugin-stores.ts'

/** What of plugins there is for a map: the built-in ones, and a way to the others. */
export type Participants = { builtIns: readonly ExtensionSource[]; open: OpenPlugins }

export type PluginsWish = {
  isEnabled(id: string): boolean
  /** Where plugins keep things; without it they are given no store. */
  stores?: PluginStores | undefined
}

/** Loads plugins until what it answers is disposed of. */
export type OpenPlugins = (wish: PluginsWish) => Promise<OpenedPlugins & AsyncDisposable>

/** `chosen` are values of their settings that go over those of the map's own settings. */
export type OpenedPlugins = LoadedPlugins & { chosen?: { settings: ConfiguredSettings; secrets: OpenedSecrets } }

/** Extensions, and what the configuration of a map says about them. */
export type ConfiguredExtensions = {
  config: Config
  switches: Switches
  extensions: readonly ExtensionSource[]
  options: ReturnType<typeof scanSettings> & Required<Pick<ScanOptions, 'disabled' | 'secrets'>>
}

/** The extensions of a map as its configuration has them, loaded until this is disposed of. What cannot take part is told. */
export async function configuredExtensions(
  ground: MapGround,
  { builtIns, open }: Participants,
  { stores, ...wish }: ConfigOptions & { stores?: PluginStores } = {},
): Promise<ConfiguredExtensions & AsyncDisposable> {
  const { config } = await mapConfig(ground, wish)
  const switches = mapSwitches(ground, config)
  const keys = disabledIn(switches)
  const secrets = await secretsFor(ground, config)
  const opened = await open({ isEnabled: (id) => !keys.includes(id), stores })
  for (const { id, status, reason = '' } of opened.plugins)
    if (status !== 'enabled' && status !== 'disabled') ground.tell.plugin(id, status, reason)
  const { settings, ...options } = scanSettings(config)
  const { chosen = { settings: {}, secrets: {} } } = opened
  return {
    ...{ config, switches, extensions: [...builtIns, ...opened.extensions] },
    options: {
      ...{ ...options, ignore: [...OWN_FOLDERS, ...options.ignore] },
      settings: over(settings, chosen.settings),
      secrets: over(secrets, chosen.secrets),
      disabled: { keys, kinds: disabledKinds(ground.world.env) },
    },
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

/** Values by plugin and setting, and those that go over them. */
const over = <Values extends object>(
  under: Readonly<Record<string, Values>>,
  upper: Readonly<Record<string, Values>>,
): Record<string, Values> => ({
  ...under,
  ...Object.fromEntries(Object.entries(upper).map(([id, values]) => [id, { ...ownValue(under, id), ...values }])),
})
