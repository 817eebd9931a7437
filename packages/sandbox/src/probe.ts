import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { asTenonError, TenonError, type World } from '@tenon/contract'
import { makeCgroup, mountedCgroups, removeOrphanedCgroups } from './cgroup.ts'
import { launch } from './launch.ts'
import { LEVELS, type AvailableLevel, type Guarantee, type Level, type LevelProbe, type LevelReport } from './level.ts'
import { boundsOf } from './limits.ts'
import { endOrphanedStarts } from './orphaned-starts.ts'
import { nodeRuntime } from './runtime.ts'

const MEANS: Record<Level, string> = {
  A: 'bubblewrap, system call filter, cgroups',
  B: 'bubblewrap, system call filter, bounds by polling',
  C: 'Landlock and system call filter without namespaces',
  "C'": 'an old Landlock and system call filter',
  D: 'macOS sandbox-exec',
  E: 'a container engine',
  F: "Node's permission model alone",
  G: 'no isolation',
}

const POLLED = [
  'memory is bounded by polling: a plugin can pass its limit for some 50 ms',
  'processor share is bounded by stopping and continuing the plugin',
]

const ON_HOST_ROOT = [
  'what it writes is bounded by polling',
  'no socket can be opened: what was granted of the outside is reached by ctx.fetch only',
  'it runs as the user of the host, and can ask for the names and facts of files that it cannot open',
  'changes of modes, owners and times of files have no effect',
  'a folder of which it may not see everything can be neither listed nor given entries',
]

const FENCED_ONLY = [
  'only reading and writing files, programs and threads are refused, by Node itself; networks and signals are open',
  'what it writes and how many processes it has is bounded by polling',
  'it runs as the user of the host, with what that user may do',
]

const IN_CONTAINER_LACKS = [
  'it runs as the user of the host, without capabilities',
  'it starts slowly: an engine makes its container first',
  'system calls that are newer than the filter are not refused',
]

const SEATBELT: Offer = {
  unverified: true,
  guarantees: ['fs', 'net'],
  degraded: [
    'what is written for macOS was never run there, so that nothing of it is certain',
    ...POLLED,
    'what it writes and how many processes it has is bounded by polling',
    'it runs as the user of the host, and what it leaves behind may live on',
  ],
}

/**
 * Says of a level whether this machine offers it, by really doing what it needs when it is first asked for. Clears away
 * what killed hosts left.
 */
export function levelProbe(world: World): LevelProbe {
  const trials = trialsOf(world)
  const known = new Map<Level, Promise<LevelReport>>()
  return (level) => {
    const report = known.get(level) ?? reportOn(level, trials)
    known.set(level, report)
    return report
  }
}

/** What it offers on every level. */
export const probeLevels = (world: World): Promise<LevelReport[]> => Promise.all(LEVELS.map(levelProbe(world)))

async function reportOn(level: Level, trials: Trials): Promise<LevelReport> {
  const outcome = (await trials[level]?.()) ?? { reason: 'not built in this version' }
  const base = { level, means: MEANS[level] }
  return 'reason' in outcome ? { ...base, available: false, ...outcome } : { ...base, available: true, ...outcome }
}

type Trials = Partial<Record<Level, () => Promise<Fault | Offer>>>

function trialsOf(world: World): Trials {
  const [cleared, cgroups] = [once(endOrphanedStarts), once(() => outcomeOf(() => probeCgroups(world)))]
  const inside = async (level: Level, hint: string, inGroup = false): Promise<Fault | undefined> => {
    await cleared()
    return outcomeOf(() => probeIsolation(world, { level, inGroup }, hint))
  }
  const bubblewrap = once(() => inside('B', ALLOW_NAMESPACES))
  return {
    A: async () =>
      (await bubblewrap()) ?? (await cgroups()) ?? { guarantees: [...KERNEL_AND_GROUPS, 'disk'], degraded: [] },
    B: async () => (await bubblewrap()) ?? { guarantees: [...BY_KERNEL, 'disk'], degraded: POLLED },
    C: async () => (await inside('C', NEEDS_LANDLOCK)) ?? onHostRoot((await cgroups()) === undefined),
    D: async () => (process.platform === 'darwin' ? SEATBELT : { unverified: true, reason: 'only macOS has it' }),
    E: async () => (await cgroups()) ?? (await inside('E', NEEDS_ENGINE, true)) ?? IN_CONTAINER,
    F: async () => ({ guarantees: [], degraded: [...POLLED, ...FENCED_ONLY] }),
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined
  return () => (result ??= work())
}

type Offer = Pick<AvailableLevel, 'guarantees' | 'degraded' | 'unverified'>

const BY_KERNEL: readonly Guarantee[] = ['fs', 'net']
const KERNEL_AND_GROUPS: readonly Guarantee[] = [...BY_KERNEL, 'memory', 'cpu', 'pids']

const IN_CONTAINER: Offer = { guarantees: [...KERNEL_AND_GROUPS, 'disk'], degraded: IN_CONTAINER_LACKS }

const onHostRoot = (hasGroups: boolean): Offer =>
  hasGroups
    ? { guarantees: KERNEL_AND_GROUPS, degraded: ON_HOST_ROOT }
    : { guarantees: BY_KERNEL, degraded: [...POLLED, 'the number of processes is bounded by polling', ...ON_HOST_ROOT] }
type Fault = { unverified?: true; reason: string; hint?: string }

async function outcomeOf(probe: () => Promise<void>): Promise<Fault | undefined> {
  try {
    await probe()
    return undefined
  } catch (thrown) {
    const { message, hint } = asTenonError(thrown)
    return { reason: message, ...(hint === undefined ? {} : { hint }) }
  }
}

const ALLOW_NAMESPACES =
  'On Ubuntu 24.04 and later, allow bubblewrap user namespaces (AppArmor profile bwrap-userns-restrict); in a container, allow them in its own profile.'
const NEEDS_LANDLOCK = 'It needs Linux 6.12 or later with Landlock among its security modules (lsm=…,landlock,…).'

const NEEDS_ENGINE =
  'It needs root, cgroups, podman, runc or crun, and catatonit (on Debian and Ubuntu: apt-get install podman runc catatonit).'

/** Files that every reader of the host's root could read. */
const CANARIES = ['/etc/passwd', fileURLToPath(import.meta.url)]

const lookFor = (processes: readonly number[]): string => `const { readFileSync, openSync } = require('node:fs')
const can = (work) => { try { work(); return true } catch { return false } }
const read = ${JSON.stringify(CANARIES)}.filter((path) => can(() => readFileSync(path)))
const written = ['/proc/sys/kernel/core_pattern'].filter((path) => can(() => openSync(path, 'w')))
const signalled = ${JSON.stringify(processes)}.filter((pid) => can(() => process.kill(pid, 0)))
console.log('reached:', ...read, ...written, ...signalled)`

/** From inside, files of the host must be unreadable, the kernel's settings unwritable, its processes out of reach. */
async function probeIsolation(world: World, how: { level: Level; inGroup: boolean }, hint: string): Promise<void> {
  // In a name space of their own, processes have other ids.
  const look = lookFor(how.level === 'C' ? [process.pid] : [])
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tenon-probe-'))
  const launched = await launch({
    world,
    ...how,
    profile: {
      runtime: await nodeRuntime(world),
      argv: () => ['-e', look],
      files: [],
      ownMounts: [],
      env: {},
      isFenced: false,
    },
    mounts: [],
    workspace: undefined,
    limits: {},
    stateDir: folder.path,
    onLog: () => {},
    onThrottled: () => {},
  })
  launched.channel.resume()
  const { reason, message } = await launched.ended
  const printed = launched.log.tail().trim()
  if (reason === 'exit' && printed === 'reached:') return
  const why = reason === 'exit' ? printed : `${message} ${printed}`
  throw new TenonError('ISOLATION_UNAVAILABLE', `${MEANS[how.level]} does not isolate here: ${why.trim()}`, { hint })
}

/** Writes every bound of a group and reads it back, and what it measures. */
async function probeCgroups(world: World): Promise<void> {
  const mounts = await mountedCgroups()
  const cgroup = await makeCgroup(world, mounts)
  await cgroup.bound(boundsOf({}))
  await cgroup.sample()
  await cgroup.remove()
  await removeOrphanedCgroups(world, mounts)
}
