import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { RUN_EXITS } from './run.ts'

export const runsShow = defineCommand<LocationFlags, [string]>({
  brief: 'Show the record of a run, or its snapshot where it has no record',
  example: 'runs show 01K0000000000000000000000A',
  flags: locationFlags,
  exits: RUN_EXITS,
  args: ['run'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => {
      const record = await ask('GET', `/runs/${encodeURIComponent(id)}`)
      return { data: record, text: JSON.stringify(record, null, 2) }
    }),
})
