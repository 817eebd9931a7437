import { readJson, type Json } from './json-text.ts'
import type { SettingDeclaration } from './settings-schema.ts'

/** The variable of a host's environment that overrides a setting. No id holds two hyphens in a row, so no two share one. */
export const settingVariable = (plugin: string, id: string): string =>
  `TENON_SETTING_${plugin}__${id}`.replaceAll('-', '_').toUpperCase()

const PLAIN: readonly SettingDeclaration['type'][] = ['single-string', 'enum-pick', 'regex', 'secret']

/** The value that a text stands for, as a variable or a command line gives it: itself, or else JSON; undefined when it is none. */
export function settingFromText(declaration: SettingDeclaration, text: string): Json | undefined {
  if (PLAIN.includes(declaration.type)) return text
  const { value } = readJson(text)
  return declaration.type === 'path-glob' && !Array.isArray(value) ? text : value
}
