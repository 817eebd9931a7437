import { join } from 'node:path'
import {
  limits,
  ownValue,
  settingFromText,
  TenonError,
  type Json,
  type SettingDeclaration,
  type SettingsDeclaration,
} from '@tenon/contract'
import {
  changeConfigFile,
  documentIn,
  LOCAL_SETTINGS_FILE,
  holdsScan,
  REDACTED,
  secretVariable,
  SETTINGS_FILE,
  settingFaults,
  unknownKey,
  valueAtPath,
  withoutValue,
  withValue,
  type ConfigLayerName,
} from '@tenon/map'
import type { SmCli } from '../commands/map/sm-command.ts'
import { overriding } from './map-config.ts'
import { sealSecret } from './map-secrets.ts'
import { settingPath } from './plugin-settings.ts'

type DeclaredSetting = { plugin: string; setting: string; declaration: SettingDeclaration }

export type ChangedSetting = {
  setting: string
  /** Absent when it was taken back, and never a secret. */
  value?: Json
  file: string
  /** Whether a map is held that was made with what held before. */
  rescanNeeded: boolean
  /** What goes over the value that was written. */
  overriddenBy?: ConfigLayerName | 'variable'
}

/** Throws CONFIG_KEY_UNKNOWN. */
export function declarationOf(declarations: SettingsDeclaration, plugin: string, setting: string): SettingDeclaration {
  const declaration = ownValue(declarations, setting)
  if (declaration !== undefined) return declaration
  const names = Object.keys(declarations)
  throw new TenonError('CONFIG_KEY_UNKNOWN', `${plugin} has no setting ${JSON.stringify(setting)}`, {
    hint: names.length === 0 ? 'It has no settings.' : `It has ${names.join(', ')}.`,
  })
}

/** Writes a value into the settings of the project or the user. Throws CONFIG_INVALID with everything that is wrong with it. */
export async function setSetting(cli: SmCli, declared: DeclaredSetting, word: string): Promise<ChangedSetting> {
  const { plugin, setting, declaration } = declared
  const isSecret = declaration.type === 'secret'
  if (isSecret && word !== '-')
    throw new TenonError('USAGE', `${setting} is a secret, and everybody on this machine sees a command line`, {
      hint: 'Say "-" in its place, and give it on standard input.',
    })
  const text = word === '-' ? await cli.io.secret(declaration.label) : word
  const file = join(cli.place.folder, isSecret ? LOCAL_SETTINGS_FILE : SETTINGS_FILE)
  const path = settingPath(plugin, setting)
  const written = isSecret
    ? await sealSecret(cli, { plugin, setting }, checkedSecret(setting, text))
    : checked(declared, text)
  const before = valueAtPath(await documentIn(file), path)
  await changeConfigFile(file, cli.world, (document) => withValue(document, path, written))
  const isOther = JSON.stringify(before) !== JSON.stringify(written)
  const overriddenBy = isVariable(cli, declaration) ? 'variable' : await overriding(cli, path, written)
  const value = isSecret ? REDACTED : written
  return { setting, value, file, rescanNeeded: isOther && hasScan(cli), ...(overriddenBy && { overriddenBy }) }
}

const isVariable = ({ world }: SmCli, declaration: SettingDeclaration): boolean =>
  secretVariable(declaration, world.env) !== undefined

/** Takes a value out of the settings of the project or the user. Throws CONFIG_KEY_UNKNOWN where there is none. */
export async function unsetSetting(cli: SmCli, { plugin, setting }: DeclaredSetting): Promise<ChangedSetting> {
  const path = settingPath(plugin, setting)
  const files = [SETTINGS_FILE, LOCAL_SETTINGS_FILE].map((name) => join(cli.place.folder, name))
  const documents = await Promise.all(files.map(documentIn))
  const holding = files.filter((_, index) => valueAtPath(documents[index], path) !== undefined)
  const [file] = holding
  if (file === undefined) throw unknownKey(path, `Neither ${files.join(' nor ')} sets it.`)
  for (const held of holding) await changeConfigFile(held, cli.world, (document) => withoutValue(document, path))
  return { setting, file, rescanNeeded: hasScan(cli) }
}

function checked({ setting, declaration }: DeclaredSetting, text: string): Json {
  const value = settingFromText(declaration, text)
  if (value === undefined) throw refused(setting, ['it is no JSON'])
  const faults = settingFaults(declaration, value)
  if (faults.length > 0) throw refused(setting, faults)
  return value
}

function checkedSecret(setting: string, text: string): string {
  const bytes = Buffer.byteLength(text)
  if (bytes > 0 && bytes <= limits.secretBytes) return text
  throw refused(setting, [`a secret has 1 to ${limits.secretBytes} bytes`])
}

const refused = (setting: string, faults: readonly string[]): TenonError =>
  new TenonError('CONFIG_INVALID', `this cannot be the value of ${setting}`, {
    problems: faults.map((message) => ({ pointer: `/${setting}`, code: 'SETTING_INVALID', message })),
  })

const hasScan = ({ place }: SmCli): boolean => holdsScan(place.db)
