import type { RunRecord } from '@tenon/runner'
import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { RUN_EXITS } from './run.ts'

export const runsList = defineCommand<LocationFlags>({
  brief: 'List the runs of a workspace, newest first',
  example: 'runs list',
  flags: locationFlags,
  exits: RUN_EXITS,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { runs } = (await ask('GET', '/runs')) as { runs: RunRecord[] }
      const rows = runs.map(({ run_id, started_at, status, plugin, out_dir }) => [
        run_id,
        started_at,
        status,
        `${plugin.id}@${plugin.version}`,
        out_dir,
      ])
      return {
        data: runs,
        text: rows.length === 0 ? 'no runs' : columns(['RUN', 'STARTED', 'STATUS', 'PLUGIN', 'OUT'], rows),
      }
    }),
})
