import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, limits as platform, TenonError, type Json, type JsonObject, type World } from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { Channel } from './channel.ts'
import type { EndReport, Usage, Verdict } from './end-report.ts'
import { NO_WAY_OUT, wayOut, type WayOut } from './egress.ts'
import { encodeFrame } from './frames.ts'
import { BRIDGE_TARGET, guestKit, PYTHON_GUEST_TARGET } from './guest-kit.ts'
import { hostCommand } from './host-command.ts'
import { launch } from './launch.ts'
import { inOwnRoot, onHostRoot, type At } from './layout.ts'
import { hasOwnRoot, launchOn, type AvailableLevel, type Level } from './level.ts'
import { boundsOf, type Bounds, type Limits } from './limits.ts'
import { refuseReserved, resolvedMounts, type Mount } from './mount.ts'
import { environmentOf, type Profile } from './profile.ts'
import { coveredMount, plannedProtection } from './protected-paths.ts'
import { nodeRuntime, nodeRuntimeFor, pythonRuntime, type Runtime, type Shown } from './runtime.ts'
import type { Launched, Streams } from './supervise.ts'

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
export type Command = {
  argv: readonly ['node' | 'python3', ...string[]]
  /** Modules of machine code that Node loads for a trusted program, by their paths outside; what they link to is shown. */
  loads?: readonly string[]
}

/** A command line of the host, which sees what it needs to start at the same paths as outside, and nothing else. */
export type HostWords = { words: readonly string[] }

export type JobOrder = {
  world: World
  level: AvailableLevel
  program: PythonFunction | Command | HostWords
  mounts: readonly Mount[]
  workspace: string | undefined
  limits: Limits
  env: Readonly<Record<string, string>>
  /** The host's socket of the only way out, where one was granted. */
  egress?: string | undefined
  signal?: AbortSignal
  onLog: OnLog
  onDegraded: (message: string) => void
  /** Told while it runs, when it is held back, or cut short, for more than its share of processors, disks or log. */
  onThrottled: (message: string) => void
  /** What its standard streams are tied to; without, it reads nothing and what it prints is only logged. */
  streams?: Streams
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
  if ('entryPoint' in program) encodeFrame(paramsOf(program, inOwnRoot))
  for (const message of level.degraded) order.onDegraded(message)
  const launched = await launchJob(order)
  const cancel = (): void => launched.condemn({ reason: 'killed', message: 'it was cancelled', evidence: {} })
  signal?.addEventListener('abort', cancel, { once: true })
  if (signal?.aborted === true) cancel()
  try {
    const outcome =
      'entryPoint' in program ? await functionOutcome(order, program, launched) : await commandOutcome(launched)
    const { usage, ...exit } = await launched.ended
    return { exit, ...outcome, usage, level: level.level, degraded: level.degraded, logTail: launched.log.tail() }
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

async function launchJob({ program, level, limits, ...order }: JobOrder): Promise<Launched & { at: At }> {
  const profile = { ...(await programProfile(order, program)), env: order.env, isFenced: false }
  const out = wayOut(level.level, order.egress)
  return launch({
    ...order,
    ...launchOn(level),
    limits: withWallTime(limits),
    profile: out === NO_WAY_OUT ? profile : await besideBridge(order, profile, out),
  })
}

/** A program runs beside the bridge, which Node keeps up for it. */
async function besideBridge(
  { world, stateDir }: Pick<JobOrder, 'world' | 'stateDir'>,
  { runtime, ...profile }: Profile,
  out: WayOut,
): Promise<Profile> {
  const [node, { programs }] = [await nodeRuntime(world), await guestKit(world, stateDir)]
  const shown = new Map([...node.shown, programs, ...runtime.shown].map((one) => [one.target, one]))
  return {
    ...profile,
    runtime: { command: node.command, shown: [...shown.values()], hidden: runtime.hidden },
    argv: (at) => [at(BRIDGE_TARGET), at(runtime.command), ...profile.argv(at)],
    ownMounts: [...profile.ownMounts, ...out.mounts],
    env: { ...profile.env, ...out.env },
  }
}

const withWallTime = (limits: Limits): Limits => ({ wallMs: platform.jobMs, ...limits })

/** Without those that do not bound, and those that are the platform's own reckoning. */
const finite = ({ tasks: _, ...bounds }: Bounds): Limits =>
  Object.fromEntries(Object.entries(bounds).filter(([, bound]) => Number.isFinite(bound)))

/** Everything that a program would see and might use. */
export type JobProfile = {
  command: readonly string[]
  /** What it may do at a path, and which path of the host that is; what is laid over another comes after it. */
  shown: readonly { path: string; of: string; may: 'read' | 'write' | 'nothing' }[]
  env: Readonly<Record<string, string>>
  limits: Limits
}

/** Says what `runJob` would allow, and runs nothing of the program. */
export async function explainJob(order: Omit<JobOrder, 'onLog' | 'onDegraded' | 'onThrottled'>): Promise<JobProfile> {
  const profile = { ...(await programProfile(order, order.program)), env: order.env, isFenced: false }
  const { runtime, files, ownMounts } = profile
  const own = [...runtime.shown, ...ownMounts]
  const scripts = files.map(({ target }) => ({ target, source: target }))
  const at = hasOwnRoot(order.level.level)
    ? inOwnRoot
    : onHostRoot(join(order.stateDir, 'rooms', '*'), [...(await resolvedMounts(order.mounts)), ...own])
  const shown: JobProfile['shown'] = [
    ...[...own, ...scripts].map(({ target, source }) => ({ path: target, of: source, may: 'read' as const })),
    ...(await grantedPaths(order)),
  ]
  return {
    command: [runtime.command, ...profile.argv(at)].map(at),
    shown: shown.map((one) => ({ ...one, path: at(one.path) })),
    env: environmentOf(profile, order.mounts, at),
    limits: finite(boundsOf(withWallTime(order.limits))),
  }
}

/** What the mounts show, and what is kept from them because it is the workspace's own. */
async function grantedPaths({
  mounts,
  workspace,
}: Pick<JobOrder, 'mounts' | 'workspace'>): Promise<JobProfile['shown']> {
  refuseReserved(mounts)
  const given = await resolvedMounts(mounts)
  const root = workspace === undefined ? undefined : await realpath(workspace)
  const planned = root === undefined ? { mounts: given, covers: [] } : plannedProtection(given, root)
  const covers = planned.covers.flatMap((cover): JobProfile['shown'] => {
    const { target, source } = coveredMount(cover, planned.mounts)
    const at = { path: join(target, cover.path), of: join(source, cover.path) }
    return cover.how === 'pin' ? [] : [{ ...at, may: cover.how === 'empty' ? 'nothing' : 'read' }]
  })
  return [
    ...planned.mounts.map(({ target, source, readOnly }) => ({
      ...{ path: target, of: source },
      may: readOnly ? ('read' as const) : ('write' as const),
    })),
    ...covers,
  ]
}

const PYTHON_FLAGS = ['-I', '-S', '-B', '-u']

async function programProfile(
  { world, stateDir }: Pick<JobOrder, 'world' | 'stateDir'>,
  program: JobOrder['program'],
): Promise<Omit<Profile, 'env' | 'isFenced'>> {
  if ('words' in program) return hostCommand(world, program.words)
  const kit = await guestKit(world, stateDir)
  const showing = (runtime: Runtime, ...more: Shown[]): Runtime => ({ ...runtime, shown: [...runtime.shown, ...more] })
  if ('entryPoint' in program)
    return {
      runtime: showing(await pythonRuntime(world), kit.programs),
      argv: (at) => [...PYTHON_FLAGS, at(PYTHON_GUEST_TARGET)],
      files: [],
      ownMounts: program.sources.map((source, index) => ({ source, target: `/plugin/${index}`, readOnly: true })),
    }
  const [command, ...rest] = program.argv
  if (command === 'node')
    return {
      runtime: showing(await nodeRuntimeFor(world, program.loads ?? []), kit.modules),
      argv: (at) => rest.map(at),
      files: [],
      ownMounts: [],
    }
  return {
    runtime: await pythonRuntime(world),
    argv: (at) => [...PYTHON_FLAGS, ...rest.map(at)],
    files: [],
    ownMounts: [],
  }
}

type Outcome = Pick<JobReport, 'completed' | 'failure'>

async function commandOutcome(launched: Launched & { at: At }): Promise<Outcome> {
  launched.channel.resume()
  return { completed: (await launched.ended).reason === 'exit' }
}

async function functionOutcome(
  { world }: JobOrder,
  program: PythonFunction,
  launched: Launched & { at: At },
): Promise<Outcome> {
  const channel = new Channel({
    world,
    stream: launched.channel,
    handlers: {},
    onViolation: ({ code, message }) => launched.condemn({ reason: 'killed', message, evidence: { code } }),
  })
  const answered = channel.request('run', paramsOf(program, launched.at), {})
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

const paramsOf = (program: PythonFunction, at: At): JsonObject => ({
  ...program,
  sources: program.sources.map((_, index) => at(`/plugin/${index}`)),
  dataset: at(program.dataset),
  out: at(program.out),
  work: program.work === null ? null : at(program.work),
})

/** Threads that a function left behind do not hold up the end for ever. */
const LINGERED: Verdict = { reason: 'exit', message: 'it was done, and was ended', evidence: {} }
const FAILED: Verdict = { reason: 'crash', message: 'it had failed, and was ended', evidence: {} }

const raised = ({ message, details }: TenonError): { exception: string; message: string } => ({
  exception: String(details['exception']),
  message,
})
