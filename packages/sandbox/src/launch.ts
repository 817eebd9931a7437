import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { asTenonError, assert, TenonError, type World } from '@tenon/contract'
import type { OnLog } from './bounded-log.ts'
import { makeCgroup, mountedCgroups, type Cgroup } from './cgroup.ts'
import { hasCode } from './expected-fault.ts'
import { claimUser } from './instance-user.ts'
import type { Level } from './level.ts'
import { boundsOf, megabytes, type Bounds, type Limits } from './limits.ts'
import { refuseReserved, resolvedMounts, type Mount } from './mount.ts'
import { bubblewrapArguments, type Profile, type Reach } from './profile.ts'
import { findProgram } from './programs.ts'
import { protectWorkspace } from './protected-paths.ts'
import { seccompFilter } from './seccomp.ts'
import { supervise, type Launched, type Streams } from './supervise.ts'

export type LaunchOrder = {
  world: World
  level: Level
  profile: Omit<Profile, 'mounts' | 'covers'>
  /** Shown at targets of the profile's own, such as the plugin's code, which may well lie in a workspace's `.tenon`. */
  ownMounts: readonly Mount[]
  mounts: readonly Mount[]
  /** The workspace whose own files no mount may open to a plugin. */
  workspace: string | undefined
  limits: Limits
  stateDir: string
  onLog: OnLog
  onThrottled: (message: string) => void
  streams?: Streams
}

/** Descriptors: the plugin's channel, then what bubblewrap uses and closes before the program starts. */
const CHANNEL = 3
const ARGUMENTS = 4
const SECCOMP = 5
const INFO = 6
const FIRST_FILE = 7

const LAUNCHER = fileURLToPath(new URL('./launcher.pl', import.meta.url))

/** Starts a process on level A or B. Everything that was made for it is gone when `ended` settles. */
export async function launch(order: LaunchOrder): Promise<Launched> {
  const held = new AsyncDisposableStack()
  try {
    return await launchHolding(order, held)
  } catch (thrown) {
    await held.disposeAsync()
    throw thrown
  }
}

async function launchHolding(order: LaunchOrder, held: AsyncDisposableStack): Promise<Launched> {
  const { world, level, limits, onLog, onThrottled, streams } = order
  if (level !== 'A' && level !== 'B')
    throw new TenonError('ISOLATION_UNAVAILABLE', `level ${level} is not built in this version`)
  const bounds = boundsOf(limits)
  const programs = { perl: await findProgram(world, 'perl'), bwrap: await findProgram(world, 'bwrap') }
  refuseReserved(order.mounts)
  const [mounts, ownMounts] = [await resolvedMounts(order.mounts), await resolvedMounts(order.ownMounts)]
  const user = process.getuid?.() === 0 ? await claimUser(world) : undefined
  if (user !== undefined) held.defer(() => user.release())
  const protection = await protectWorkspace(mounts, order.workspace, order.stateDir)
  held.defer(() => protection.release())
  const cgroup = level === 'A' ? await claimCgroup(world, bounds, held) : undefined
  const shown = [...protection.mounts, ...ownMounts]
  const profile: Profile = { ...order.profile, mounts: shown, covers: protection.covers }
  const child = await spawnInto(programs, {
    profile,
    bounds,
    cgroup,
    user: user?.id,
    stdin: streams?.stdin ?? 'ignore',
  })
  const [channel, info] = [streamOf(child, CHANNEL), streamOf(child, INFO)]
  return supervise({ world, bounds, child, channel, info, onLog, onThrottled, streams, cgroup, protection, held })
}

async function claimCgroup(world: World, bounds: Bounds, held: AsyncDisposableStack): Promise<Cgroup> {
  const cgroup = await makeCgroup(world, await mountedCgroups(), bounds)
  held.defer(() => cgroup.remove())
  return cgroup
}

type Plan = {
  profile: Profile
  bounds: Bounds
  cgroup: Cgroup | undefined
  user: number | undefined
  stdin: Streams['stdin']
}

async function spawnInto({ perl, bwrap }: { perl: string; bwrap: string }, plan: Plan): Promise<ChildProcess> {
  const { profile, bounds, user, stdin } = plan
  const args = bubblewrapArguments(profile, bounds, user === undefined ? DIRECT : STAGED)
  assert(!args.some((argument) => argument.includes('\0')), 'no argument holds a NUL, which separates them')
  const inputs = new Map<number, Uint8Array>([
    [ARGUMENTS, Buffer.from([...args, ''].join('\0'))],
    [SECCOMP, seccompFilter(process.arch)],
    ...profile.files.map(({ bytes }, index) => [FIRST_FILE + index, bytes] as const),
  ])
  const bubblewrap = [
    bwrap,
    '--args',
    ARGUMENTS,
    '--seccomp',
    SECCOMP,
    '--info-fd',
    INFO,
    '--',
    profile.runtime.command,
  ]
  const argv = [LAUNCHER, ...launcherSteps(plan), 'exec', ...bubblewrap.map(String), ...profile.argv]
  const child = await started(perl, argv, [stdin, ...pipes(FIRST_FILE + profile.files.length - 1)])
  for (const [descriptor, bytes] of inputs) feed(streamOf(child, descriptor), bytes)
  return child
}

/** Beyond standard error, a 'pipe' of a child is a socket pair. */
const streamOf = (child: ChildProcess, descriptor: number): Duplex =>
  (child.stdio as readonly unknown[])[descriptor] as Duplex

const pipes = (count: number): 'pipe'[] => Array.from({ length: count }, () => 'pipe')

/** Node throws some refusals of the system and emits others. */
async function started(
  program: string,
  argv: readonly string[],
  stdio: ('inherit' | 'ignore' | 'pipe')[],
): Promise<ChildProcess> {
  try {
    const child = spawn(program, argv, { cwd: '/', env: {}, detached: true, stdio })
    if (child.pid === undefined) throw (await once(child, 'error'))[0]
    for (const stream of child.stdio) stream?.on('error', expectReset)
    return child
  } catch (cause) {
    throw new TenonError('PLUGIN_START_FAILED', `${program} cannot be started: ${asTenonError(cause).message}`, {
      cause,
    })
  }
}

const feed = (stream: Duplex, bytes: Uint8Array): void => void stream.resume().end(bytes)

/** A process that ends resets what it was to read; its exit status and log say why it ended. */
function expectReset(thrown: Error): void {
  if (!hasCode(thrown, ['EPIPE', 'ECONNRESET'])) throw thrown
}

/** As root, the launcher shows every source below its own /tmp; otherwise bubblewrap takes them where they are. */
const STAGED: Reach = {
  runtime: (_, index) => `/tmp/r${index}`,
  mount: (_, index) => `/tmp/m${index}`,
  file: (index) => FIRST_FILE + index,
}

const DIRECT: Reach = {
  runtime: ({ source }) => source,
  mount: ({ source }) => source,
  file: (index) => FIRST_FILE + index,
}

const RLIMIT = { fileBytes: 1, core: 4, tasks: 6, files: 7, addressBytes: 9 } as const
const OPEN_FILES = 256
/** Node reserves far more addresses than it uses; this only stops what the poller would be too slow for. */
const ADDRESS_MB = 8_192

function launcherSteps({ profile, bounds, cgroup, user }: Plan): string[] {
  const handedIn = profile.files.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const rlimits = new Map<number, number>([
    [RLIMIT.fileBytes, megabytes(bounds.diskMb) + handedIn],
    [RLIMIT.core, 0],
    [RLIMIT.files, OPEN_FILES],
  ])
  if (cgroup === undefined) rlimits.set(RLIMIT.addressBytes, megabytes(ADDRESS_MB + bounds.memoryMb))
  // The kernel counts processes by user: a user that has others running already cannot be bounded this way.
  if (cgroup === undefined && user !== undefined) rlimits.set(RLIMIT.tasks, bounds.tasks)
  return [
    process.arch,
    String(FIRST_FILE + profile.files.length),
    ...(cgroup?.joins ?? []).flatMap((file) => ['join', file]),
    ...[...rlimits].flatMap(([resource, value]) => ['limit', String(resource), String(value)]),
    ...(user === undefined ? [] : ['user', String(user), ...shownSteps(profile)]),
  ]
}

const shownSteps = ({ runtime, mounts }: Profile): string[] => [
  ...runtime.shown.flatMap(({ source }, index) => ['show', 'plain', '1', source, `r${index}`]),
  ...mounts.flatMap(({ source, readOnly }, index) => ['show', 'owned', readOnly ? '1' : '0', source, `m${index}`]),
]
