import type { Json, SettingDeclaration } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { columns, inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { configPath, environmentFlag, type EnvironmentFlag } from './plugin-config-path.ts'

type Setting = { declaration: SettingDeclaration; source: string; value?: Json }
export type Config = { version: number; settings: Record<string, Setting>; problems: { message: string }[] }

export const pluginConfigShow = defineCommand<LocationFlags & EnvironmentFlag, [string]>({
  brief: 'Show the settings of a plugin, and where each comes from',
  example: 'plugin config show id-mint',
  flags: { ...locationFlags, environment: environmentFlag },
  args: ['id'],
  run: (cli, { environment, ...flags }, id) =>
    onHost(cli, flags, async (ask) => {
      const config = (await ask('GET', configPath(id, environment))) as Config
      const rows = Object.entries(config.settings).map(([name, { declaration, source, value }]) => [
        ...[name, declaration.type, value === undefined ? '' : inline(JSON.stringify(value))],
        ...[source, inline(declaration.label)],
      ])
      const lines = [
        rows.length === 0 ? `${id} has no settings` : columns(['SETTING', 'TYPE', 'VALUE', 'FROM', 'LABEL'], rows),
        ...config.problems.map(({ message }) => `problem: ${inline(message)}`),
      ]
      return { data: config, text: lines.join('\n') }
    }),
})
