import { assert, limits as platform, TenonError, type Json, type JsonObject, type World } from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { Channel } from './channel.ts'
import type { EndReport, Usage, Verdict } from './end-report.ts'
import { encodeFrame } from './frames.ts'
import { nodeGuestFiles, PYTHON_GUEST_TARGET, pythonGuestFiles } from './guest-files.ts'
import { launch } from './launch.ts'
import type { AvailableLevel, Level } from './level.ts'
import type { Limits } from './limits.ts'
import type { Mount } from './mount.ts'
import type { Profile } from './profile.ts'
import { nodeRuntime, pythonRuntime } from './runtime.ts'
import type { Launched } from './supervise.ts'

/** A dataset function, `pkg.mod:fn`, called as `fn(dataset, out, config, work_dir=…, dry_run=…)` with paths inside. */
export type PythonFunction = {
  entryPoint: string
  /** Folders of the host that hold the code; each is shown read-only and searched for modules, in this order. */
  sources: readonly string[]
  dataset: string
  out: string
  work: string | null
  config: Json
  dryRun: boolean
}

/** A command line for one of the interpreters; its paths are those inside. */
export type Command = { argv: readonly ['node' | 'python3', ...string[]] }

export type JobOrder = {
  world: World
  level: AvailableLevel
  program: PythonFunction | Command
  mounts: readonly Mount[]
  workspace: string | undefined
  limits: Limits
  env: Readonly<Record<string, string>>
  signal?: AbortSignal
  onLog: OnLog
  onDegraded: (message: string) => void
  stateDir: string
}

export type JobReport = {
  exit: Pick<EndReport, 'code' | 'signal' | 'reason' | 'message' | 'evidence'>
  /** A command completes by exit status 0; a function only by returning. */
  completed: boolean
  /** What a function raised. */
  failure?: { exception: string; message: string }
  usage: Usage
  level: Level
  degraded: readonly string[]
  logTail: string
}

/** Runs a program to its end. Rejects only when it cannot be started, or its configuration is too large; all else is in the report. */
export async function runJob(order: JobOrder): Promise<JobReport> {
  const { level, program, signal } = order
  signal?.throwIfAborted()
  if (!('argv' in program)) encodeFrame(paramsOf(program))
  for (const message of level.degraded) order.onDegraded(message)
  const launched = await launchJob(order)
  const cancel = (): void => launched.condemn({ reason: 'killed', message: 'it was cancelled', evidence: {} })
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted === true) cancel()
  try {
    const outcome = 'argv' in program ? await commandOutcome(launched) : await functionOutcome(order, program, launched)
    const { usage, ...exit } = await launched.ended
    return { exit, ...outcome, usage, level: level.level, degraded: level.degraded, logTail: launched.log.tail() }
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

async function launchJob({ program, level, limits, ...order }: JobOrder): Promise<Launched> {
  const sources = 'argv' in program ? [] : program.sources
  return launch({
    ...order,
    level: level.level,
    limits: { wallMs: platform.jobMs, ...limits },
    ownMounts: sources.map((source, index) => ({ source, target: `/plugin/${index}`, readOnly: true })),
    profile: { ...(await programProfile(order, program)), env: order.env },
  })
}

const PYTHON_FLAGS = ['-I', '-S', '-B', '-u']

async function programProfile(
  { world, stateDir }: Pick<JobOrder, 'world' | 'stateDir'>,
  program: JobOrder['program'],
): Promise<Pick<Profile, 'runtime' | 'argv' | 'files'>> {
  if (!('argv' in program))
    return {
      runtime: await pythonRuntime(world),
      argv: [...PYTHON_FLAGS, PYTHON_GUEST_TARGET],
      files: await pythonGuestFiles(),
    }
  const [command, ...rest] = program.argv
  if (command === 'node')
    return { runtime: await nodeRuntime(world), argv: rest, files: await nodeGuestFiles(world, stateDir) }
  return { runtime: await pythonRuntime(world), argv: [...PYTHON_FLAGS, ...rest], files: [] }
}

type Outcome = Pick<JobReport, 'completed' | 'failure'>

async function commandOutcome(launched: Launched): Promise<Outcome> {
  launched.channel.resume()
  return { completed: (await launched.ended).reason === 'exit' }
}

async function functionOutcome({ world }: JobOrder, program: PythonFunction, launched: Launched): Promise<Outcome> {
  const channel = new Channel({
    world,
    stream: launched.channel,
    handlers: {},
    onViolation: ({ code, message }) => launched.condemn({ reason: 'killed', message, evidence: { code } }),
  })
  const answered = channel.request('run', paramsOf(program), {})
  const over = launched.ended.then(() => channel.close(new TenonError('PLUGIN_CRASHED', 'it ended before it was done')))
  try {
    await answered
    launched.condemnAfter(platform.pluginStopMs, LINGERED)
    await over
    return { completed: true }
  } catch (thrown) {
    assert(thrown instanceof TenonError, 'a channel rejects with errors of ours')
    launched.condemnAfter(platform.pluginStopMs, FAILED)
    await over
    return thrown.code === 'RUN_PLUGIN_FAILED' ? { completed: false, failure: raised(thrown) } : { completed: false }
  }
}

const paramsOf = (program: PythonFunction): JsonObject => ({
  ...program,
  sources: program.sources.map((_, index) => `/plugin/${index}`),
})

/** Threads that a function left behind do not hold up the end for ever. */
const LINGERED: Verdict = { reason: 'exit', message: 'it was done, and was ended', evidence: {} }
const FAILED: Verdict = { reason: 'crash', message: 'it had failed, and was ended', evidence: {} }

const raised = ({ message, details }: TenonError): { exception: string; message: string } => ({
  exception: String(details['exception']),
  message,
})
