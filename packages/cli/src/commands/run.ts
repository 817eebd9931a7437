import { resolve } from 'node:path'
import { asTenonError, ERRORS, isErrorCode, parseJson, TenonError, type ErrorCode, type World } from '@tenon/contract'
import type { RunRecord } from '@tenon/runner'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import { inline } from '../printer.ts'
import { onHost } from './host-work.ts'
import { isolationFlag } from './isolation-flag.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { readNamed } from './named-file.ts'

type Flags = LocationFlags & {
  dataset?: string
  out?: string
  config?: string
  work?: string
  isolation?: string
  dryRun: boolean
}
type Run = { record: RunRecord; recordPath: string; logPath: string; target: string }

/** Exit statuses of `tenon run` and `tenon runs` where an error has another one elsewhere. */
export const RUN_EXITS: Partial<Record<ErrorCode, number>> = {
  INTERNAL: 70,
  ISOLATION_UNAVAILABLE: 69,
  PLUGIN_START_FAILED: 69,
  PLUGIN_UNKNOWN: 67,
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
    isolation: isolationFlag,
    dryRun: switchFlag('Let the plugin say what it would do, and keep nothing'),
  },
  args: ['plugin'],
  exits: RUN_EXITS,
  async run(cli, { dataset, out, config, work, isolation, dryRun, ...flags }, plugin) {
    if (dataset === undefined || out === undefined) throw new TenonError('USAGE', 'a run needs --dataset and --out')
    const at = (path: string): string => resolve(cli.world.cwd, path)
    const body = {
      ...{ plugin, dataset: at(dataset), out: at(out), dryRun },
      ...(isolation === undefined ? {} : { isolation }),
      ...(work === undefined ? {} : { work: at(work) }),
      ...(config === undefined ? {} : { config: await readConfig(cli.world, config) }),
    }
    return onHost(cli, flags, async (ask) => {
      const done = (await ask('POST', '/runs', body)) as Run
      return { data: done, text: textOf(done), exit: exitOf(done.record) }
    })
  },
})

/** What the sandbox ended for using more than it was given. */
const EXHAUSTED = ['oom', 'cpu', 'io', 'pids', 'disk', 'time']

function exitOf({ status, exit, failure }: RunRecord): number {
  const code = failure?.exception ?? 'INTERNAL'
  if (status === 'refused' && isErrorCode(code)) return RUN_EXITS[code] ?? ERRORS[code].exit
  if (status === 'failed' && EXHAUSTED.some((reason) => reason === exit?.reason)) return 75
  return { succeeded: 0, failed: 1, refused: 70, running: 70, lost: 75, cancelled: 130 }[status]
}

function textOf({ record, recordPath, logPath, target }: Run): string {
  const { run_id, status, level, failure, exit, outputs, dry_run } = record
  if (status !== 'succeeded')
    return [
      `run ${run_id} ${status}: ${inline(failure?.message ?? exit?.message ?? '')}`,
      ...[`  record ${recordPath}`, `  log ${logPath}`],
    ].join('\n')
  const lines = outputs.map(({ path, size }) => `  ${target}/${inline(path)} (${size} bytes)`)
  const head = `run ${run_id} succeeded at level ${level}${dry_run ? ', and kept nothing' : ''}`
  return [head, ...lines, `  record ${recordPath}`].join('\n')
}

/** An inline object, or the name of a file with one. */
async function readConfig(world: World, given: string): Promise<unknown> {
  try {
    if (given.trimStart().startsWith('{')) return parseJson(given, '--config')
    return parseJson(await readNamed(world, given), given)
  } catch (cause) {
    const { message, problems } = asTenonError(cause)
    throw new TenonError('RUN_CONFIG_INVALID', `the configuration cannot be read: ${message}`, { cause, problems })
  }
}
