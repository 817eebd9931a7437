import type { Json } from '@tenon/contract'
import { defineCommand } from '../command.ts'
import { inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { configPath } from './plugin-config-path.ts'

type Step = { from?: Json; to?: Json }
type Change = {
  version: number
  at: string
  who: string
  why: string
  environment?: string
  changed: Record<string, Step>
}

export const pluginConfigHistory = defineCommand<LocationFlags, [string]>({
  brief: 'Show who changed which settings of a plugin, when and why',
  example: 'plugin config history id-mint',
  flags: locationFlags,
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => {
      const answer = (await ask('GET', `${configPath(id)}/history`)) as { changes: Change[] }
      const { changes } = answer
      return { data: answer, text: changes.length === 0 ? 'never changed' : changes.map(textOf).join('\n') }
    }),
})

function textOf({ version, at, who, why, environment, changed }: Change): string {
  const where = environment === undefined ? '' : ` in ${environment}`
  const steps = Object.entries(changed).map(([id, step]) => `  ${id}: ${stepOf(step)}`)
  return [`${version} ${at} ${inline(who)}${where}: ${inline(why)}`, ...steps].join('\n')
}

/** Of a secret nothing is told but that it changed. */
const stepOf = ({ from, to }: Step): string =>
  from === undefined && to === undefined ? 'changed' : `${valueOf(from)} → ${valueOf(to)}`

const valueOf = (value: Json | undefined): string => (value === undefined ? 'unset' : inline(JSON.stringify(value)))
