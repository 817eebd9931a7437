import type { World } from '@tenon/contract'
import { runJob, type AvailableLevel, type JobOrder, type JobReport } from '@tenon/sandbox'

/** Where plugin code runs: on a level that code may have which nobody vouches for. */
export type Ground = {
  world: World
  level: AvailableLevel
  stateDir: string
  signal: AbortSignal
}

type Trial = Pick<JobOrder, 'program' | 'mounts' | 'limits'> & Partial<Pick<JobOrder, 'env' | 'signal' | 'streams'>>

/** Runs a program beside a plugin that is looked at. Only its report says what became of it. */
export const runOn = ({ world, level, stateDir, signal }: Ground, trial: Trial): Promise<JobReport> =>
  runJob({
    ...{ world, level, stateDir, signal, workspace: undefined, env: {} },
    ...{ onLog: () => {}, onDegraded: () => {}, onThrottled: () => {} },
    ...trial,
  })
