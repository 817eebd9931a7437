import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseJson, TenonError, type World } from '@tenon/contract'
import type { RunRecord } from '@tenon/runner'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Flags = LocationFlags & { dataset?: string; out?: string; config?: string; work?: string; dryRun: boolean }
type Run = { record: RunRecord; recordPath: string; target: string }

/** Exit status of `tenon run` by what became of the run. */
const EXITS: Readonly<Record<RunRecord['status'], number>> = {
  succeeded: 0,
  failed: 1,
  refused: 78,
  cancelled: 130,
  running: 70,
}

export const run = defineCommand<Flags, [string]>({
  brief: 'Run a plugin over a dataset in the sandbox',
  example: 'run csv-profile --dataset examples/measurements --out out',
  flags: {
    ...locationFlags,
    dataset: textFlag('The folder with the dataset; the plugin can only read it'),
    out: textFlag('The folder for outputs and run records'),
    config: textFlag('The configuration: a JSON object, or a file with one'),
    work: textFlag('A folder for scratch files'),
    dryRun: switchFlag('Let the plugin say what it would do, and keep nothing'),
  },
  args: ['plugin'],
  async run(cli, { dataset, out, config, work, dryRun, ...flags }, plugin) {
    if (dataset === undefined || out === undefined) throw new TenonError('USAGE', 'a run needs --dataset and --out')
    const at = (path: string): string => resolve(cli.world.cwd, path)
    const body = {
      ...{ plugin, dataset: at(dataset), out: at(out), dryRun },
      ...(work === undefined ? {} : { work: at(work) }),
      ...(config === undefined ? {} : { config: await readConfig(cli.world, config) }),
    }
    return onHost(cli, flags, async (ask) => {
      const { record, recordPath, target } = (await ask('POST', '/runs', body)) as Run
      const why = record.failure?.message ?? record.exit?.message ?? ''
      const lines = record.outputs.map(({ path, size }) => `  ${target}/${path} (${size} bytes)`)
      const head =
        record.status === 'succeeded'
          ? `run ${record.run_id} succeeded at level ${record.level}`
          : `run ${record.run_id} ${record.status}: ${why}`
      return {
        data: { record, recordPath, target },
        text: [head, ...lines, `  record ${recordPath}`].join('\n'),
        exit: EXITS[record.status],
      }
    })
  },
})

async function readConfig(world: World, given: string): Promise<unknown> {
  const inline = given.trimStart().startsWith('{')
  try {
    return parseJson(inline ? given : await readFile(resolve(world.cwd, given), 'utf8'), inline ? '--config' : given)
  } catch (cause) {
    const problems = cause instanceof TenonError ? cause.problems : []
    throw new TenonError(
      'RUN_CONFIG_INVALID',
      `the configuration cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      { cause, problems },
    )
  }
}
