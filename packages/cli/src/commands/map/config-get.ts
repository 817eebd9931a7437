import { smCommand } from './sm-command.ts'
import { strictFlag, type StrictFlag } from './strict-flag.ts'

export const configGet = smCommand<StrictFlag, [string]>({
  brief: 'Show one value of the configuration',
  example: 'map config get scan.tokenize',
  timed: false,
  flags: strictFlag,
  args: ['key'],
  async run(cli, { strict }, key) {
    const { configValue } = await import('../../compose/config-value.ts')
    const { value } = await configValue(cli, key, strict)
    return { data: value, text: typeof value === 'string' ? value : JSON.stringify(value) }
  },
})
