import { inline } from '../../printer.ts'
import { smCommand } from './sm-command.ts'
import { strictFlag, type StrictFlag } from './strict-flag.ts'

export const configList = smCommand<StrictFlag>({
  brief: 'Show the configuration that all layers come to',
  example: 'map config list',
  timed: false,
  flags: strictFlag,
  async run(cli, { strict }) {
    const { keyOf, leavesOf, withoutSecrets } = await import('@tenon/map')
    const { mapConfig } = await import('../../compose/map-config.ts')
    const { declaredSecrets } = await import('../../compose/plugin-settings.ts')
    const shown = withoutSecrets((await mapConfig(cli, { strict })).config, await declaredSecrets(cli))
    const lines = leavesOf(shown).map(([path, value]) => `${keyOf(path)} = ${inline(JSON.stringify(value))}`)
    return { data: shown, text: lines.join('\n') }
  },
})
