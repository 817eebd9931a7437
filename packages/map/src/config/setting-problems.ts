import { ownValue, type Json, type SettingDeclaration, type SettingsDeclaration } from '@tenon/contract'
import { settingFaults } from '../kernel/settings.ts'
import type { Config } from './config-schema.ts'
import { isSealed } from './sealed-setting.ts'

/** Everything that is wrong with what the configuration says of a plugin's settings. */
export function settingProblems({ plugins }: Config, id: string, declarations: SettingsDeclaration): string[] {
  const values = ownValue(plugins, id)?.config ?? {}
  return Object.entries(values).flatMap(([setting, value]) => {
    const declaration = ownValue(declarations, setting)
    if (declaration === undefined) return [`there is no setting "${setting}"`]
    if (isSealed(value) || declaration.type === 'secret') return secretProblems(setting, declaration, value)
    return settingFaults(declaration, value).map((fault) => `${setting}: ${fault}`)
  })
}

function secretProblems(setting: string, { type }: SettingDeclaration, value: Json): string[] {
  if (isSealed(value) === (type === 'secret')) return []
  return type === 'secret'
    ? [`${setting}: a secret that is not sealed is not taken; take it out and set it by "sm plugins config"`]
    : [`${setting}: is sealed, and no secret`]
}
