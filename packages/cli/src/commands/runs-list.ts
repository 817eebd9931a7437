import type { RunSnapshot } from '@tenon/contract'
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
      const { runs, snapshots } = (await ask('GET', '/runs')) as { runs: RunRecord[]; snapshots: RunSnapshot[] }
      const others = snapshots.filter(({ record }) => record === undefined)
      const all = [...runs, ...others].toSorted((a, b) => (a.run_id < b.run_id ? 1 : -1))
      const rows = all.map(rowOf)
      return {
        data: all,
        text: rows.length === 0 ? 'no runs' : columns(['RUN', 'STARTED', 'STATUS', 'PLUGIN', 'OUT'], rows),
      }
    }),
})

/** A run that is none over a dataset has no record: its snapshot says what it was for. */
function rowOf(run: RunRecord | RunSnapshot): string[] {
  const plugin = `${run.plugin.id}@${run.plugin.version}`
  if ('purpose' in run) return [run.run_id, run.created_at, run.purpose, plugin, '']
  return [run.run_id, run.started_at, run.status, plugin, run.out_dir]
}
