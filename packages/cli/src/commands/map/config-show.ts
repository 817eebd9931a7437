import { switchFlag } from '../../command.ts'
import { inline } from '../../printer.ts'
import { smCommand } from './sm-command.ts'
import { strictFlag, type StrictFlag } from './strict-flag.ts'

export const configShow = smCommand<StrictFlag & { source: boolean }, [string]>({
  brief: 'Show one value of the configuration, and which layer it comes from',
  example: 'map config show scan.tokenize --source',
  timed: false,
  flags: { ...strictFlag, source: switchFlag('Name the layer') },
  args: ['key'],
  async run(cli, { strict, source: isNamed }, key) {
    const { configValue } = await import('../../compose/config-value.ts')
    const { value, source } = await configValue(cli, key, strict)
    const text = `${key} = ${inline(JSON.stringify(value))}`
    return isNamed ? { data: { value, source }, text: `${text} (${source})` } : { data: value, text }
  },
})
