import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { RUN_EXITS } from './run.ts'

export const runsPrune = defineCommand<LocationFlags>({
  brief: 'Remove snapshots and logs of runs that policy no longer keeps (runs.retentionDays)',
  example: 'runs prune',
  flags: locationFlags,
  exits: RUN_EXITS,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { removed } = (await ask('POST', '/runs/prune')) as { removed: string[] }
      return { data: { removed }, text: removed.length === 0 ? 'nothing to remove' : removed.join('\n') }
    }),
})
