import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { columns, inline } from '../../printer.ts'
import type { ChangedSetting } from '../../compose/set-plugin-setting.ts'
import type { ShownSettings } from '../../compose/plugin-settings.ts'
import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand } from './sm-command.ts'

type Flags = PluginFlags & { unset: boolean }

export const pluginsConfig = smCommand<Flags, [string, string?, string?]>({
  brief: 'Show the settings of a plugin, or set one; "-" reads the value, as every secret is, from standard input',
  example: 'map plugins config keyword-map words \'["TODO"]\'',
  flags: { ...pluginFlags, unset: switchFlag('Take the value of a setting back') },
  args: ['id', 'setting?', 'value?'],
  async run(cli, { pluginDir, unset }, id, setting, value) {
    const { declaredSettings, settingsDeclared, shownSettings } = await import('../../compose/plugin-settings.ts')
    const declarations = settingsDeclared(await declaredSettings(cli, pluginDir), id)
    if (unset ? value !== undefined || setting === undefined : false)
      throw new TenonError('USAGE', '--unset takes a setting and no value')
    if (setting === undefined) return shownAll(await shownSettings(cli, id, declarations))
    const { declarationOf, setSetting, unsetSetting } = await import('../../compose/set-plugin-setting.ts')
    const declared = { plugin: id, setting, declaration: declarationOf(declarations, id, setting) }
    if (unset) return changed(id, await unsetSetting(cli, declared))
    if (value !== undefined) return changed(id, await setSetting(cli, declared, value))
    const { settings, problems } = await shownSettings(cli, id, { [setting]: declared.declaration })
    const shown = settings[setting]
    return { data: { id, setting, ...shown, problems }, text: inline(JSON.stringify(shown?.value ?? null)) }
  },
})

function shownAll({ id, settings, problems }: ShownSettings) {
  const rows = Object.entries(settings).map(([name, { declaration, source, value }]) => [
    ...[name, declaration.type, value === undefined ? '' : JSON.stringify(value), source, declaration.label],
  ])
  const lines = [
    rows.length === 0 ? `${id} has no settings` : columns(['SETTING', 'TYPE', 'VALUE', 'FROM', 'LABEL'], rows),
    ...problems.map((problem) => `problem: ${inline(problem)}`),
  ]
  return { data: { id, settings, problems }, text: lines.join('\n') }
}

function changed(id: string, done: ChangedSetting) {
  const { setting, value, file, rescanNeeded, overriddenBy } = done
  const what = value === undefined ? `${setting} is no longer set` : `${setting} = ${inline(JSON.stringify(value))}`
  const lines = [
    `${what} in ${file}`,
    ...(overriddenBy === undefined ? [] : [`${overriddenBy} says otherwise, and goes over it.`]),
    ...(rescanNeeded ? ['The map holds what it came to before: scan again.'] : []),
  ]
  return { data: { id, ...done }, text: lines.join('\n') }
}
