import { ownValue, TenonError, type Json, type SettingDeclaration, type SettingsDeclaration } from '@tenon/contract'
import {
  builtInPlugins,
  discoverPlugins,
  isSealed,
  REDACTED,
  secretVariable,
  settingProblems,
  sourceOf,
  valueAtPath,
  type ConfigLayerName,
  type ConfigPath,
  type IsSecret,
  type LayeredConfig,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { mapConfig } from './map-config.ts'
import { pluginFolders } from './map-plugins.ts'
import { closedText, openSecrets } from './map-secrets.ts'

/** A setting of a plugin as it may be shown: of a secret only whether there is one. */
export type ShownSetting = {
  declaration: SettingDeclaration
  source: ConfigLayerName | 'variable' | 'default' | 'unset'
  value?: Json
}

export type ShownSettings = { id: string; settings: Record<string, ShownSetting>; problems: string[] }

export const settingPath = (plugin: string, setting: string): ConfigPath => ['plugins', plugin, 'config', setting]

/** What plugins declare, by their ids. No code of theirs runs. */
export async function declaredSettings(
  { world, place }: SmCli,
  pluginDir: readonly string[] = [],
): Promise<Map<string, SettingsDeclaration>> {
  const found = await discoverPlugins(pluginFolders(world, pluginDir, place.scope))
  return new Map([
    ...builtInPlugins.map(({ plugin }) => [plugin.id, plugin.settings ?? {}] as const),
    ...found.map(({ id, description }) => [id, description?.settings ?? {}] as const),
  ])
}

/** What plugins of the usual folders declare as secrets. */
export async function declaredSecrets(cli: SmCli): Promise<IsSecret> {
  const declared = await declaredSettings(cli)
  return (plugin, setting) => ownValue(declared.get(plugin) ?? {}, setting)?.type === 'secret'
}

/** The settings that a plugin declares. Throws PLUGIN_UNKNOWN. */
export function settingsDeclared(declared: ReadonlyMap<string, SettingsDeclaration>, id: string): SettingsDeclaration {
  const settings = declared.get(id)
  if (settings !== undefined) return settings
  throw new TenonError('PLUGIN_UNKNOWN', `there is no plugin ${JSON.stringify(id)}`, {
    hint: 'sm plugins list shows what there is.',
  })
}

/** The settings of a plugin with their values, sources, and everything that is wrong with them. */
export async function shownSettings(cli: SmCli, id: string, declarations: SettingsDeclaration): Promise<ShownSettings> {
  const layered = await mapConfig(cli)
  const { closed } = await openSecrets(cli, layered.config)
  const shown = Object.entries(declarations).map(([setting, declaration]) => [
    setting,
    shownSetting(cli, layered, { plugin: id, setting, declaration }),
  ])
  return {
    id,
    settings: Object.fromEntries(shown) as Record<string, ShownSetting>,
    problems: [
      ...closed.filter(({ plugin }) => plugin === id).map(closedText),
      ...settingProblems(layered.config, id, declarations),
    ],
  }
}

type Declared = { plugin: string; setting: string; declaration: SettingDeclaration }

function shownSetting(
  { world }: SmCli,
  layered: LayeredConfig,
  { plugin, setting, declaration }: Declared,
): ShownSetting {
  const path = settingPath(plugin, setting)
  const [held, source] = [valueAtPath(layered.config, path), sourceOf(layered, path)]
  const isSecret = declaration.type === 'secret'
  if (secretVariable(declaration, world.env) !== undefined) return { declaration, source: 'variable', value: REDACTED }
  if (held !== undefined && source !== undefined && isSealed(held) === isSecret)
    return { declaration, source, value: isSecret ? REDACTED : held }
  if ('default' in declaration && declaration.default !== undefined)
    return { declaration, source: 'default', value: declaration.default }
  return { declaration, source: 'unset' }
}
