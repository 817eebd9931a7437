import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { asTenonError, TenonError, type World } from '@tenon/contract'
import { makeCgroup, mountedCgroups, removeOrphanedCgroups } from './cgroup.ts'
import { launch } from './launch.ts'
import { LEVELS, type Level, type LevelReport } from './level.ts'
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

/** Tries what every level needs, by really doing it, and says which levels this machine can offer now. Clears away what killed hosts left. */
export async function probeLevels(world: World): Promise<LevelReport[]> {
  await endOrphanedStarts()
  const bubblewrap = await outcomeOf(() => probeBubblewrap(world))
  const cgroups = bubblewrap ?? (await outcomeOf(() => probeCgroups(world)))
  return LEVELS.map((level) => {
    const means = MEANS[level]
    if (level === 'A')
      return cgroups === undefined
        ? { level, means, available: true, guarantees: ['fs', 'net', 'memory', 'cpu', 'pids', 'disk'], degraded: [] }
        : { level, means, available: false, ...cgroups }
    if (level === 'B')
      return bubblewrap === undefined
        ? { level, means, available: true, guarantees: ['fs', 'net', 'disk'], degraded: POLLED }
        : { level, means, available: false, ...bubblewrap }
    return { level, means, available: false, reason: 'not built in this version' }
  })
}

type Fault = { reason: string; hint?: string }

async function outcomeOf(probe: () => Promise<void>): Promise<Fault | undefined> {
  try {
    await probe()
    return undefined
  } catch (thrown) {
    const { message, hint } = asTenonError(thrown)
    return { reason: message, ...(hint === undefined ? {} : { hint }) }
  }
}

const HINT =
  'On Ubuntu 24.04 and later, allow bubblewrap user namespaces (AppArmor profile bwrap-userns-restrict); in a container, allow them in its own profile.'

/** Files that every reader of the host's root could read. */
const CANARIES = ['/etc/passwd', fileURLToPath(import.meta.url)]

const PROBE = `const { readFileSync, openSync } = require('node:fs')
const can = (work) => { try { work(); return true } catch { return false } }
const read = ${JSON.stringify(CANARIES)}.filter((path) => can(() => readFileSync(path)))
const written = ['/proc/sys/kernel/core_pattern'].filter((path) => can(() => openSync(path, 'w')))
console.log('reached:', ...read, ...written)`

/** From inside, files of the host must be unreadable and the kernel's settings unwritable. */
async function probeBubblewrap(world: World): Promise<void> {
  const launched = await launch({
    world,
    level: 'B',
    profile: { runtime: await nodeRuntime(world), argv: ['-e', PROBE], files: [], env: {} },
    ownMounts: [],
    mounts: [],
    workspace: undefined,
    limits: {},
    stateDir: tmpdir(),
    onLog: () => {},
    onThrottled: () => {},
  })
  launched.channel.resume()
  const { reason } = await launched.ended
  const printed = launched.log.tail().trim()
  if (reason !== 'exit' || printed !== 'reached:')
    throw new TenonError('ISOLATION_UNAVAILABLE', `bubblewrap does not isolate here: ${printed}`, { hint: HINT })
}

/** Writes every bound of a group and reads it back, and what it measures. */
async function probeCgroups(world: World): Promise<void> {
  const mounts = await mountedCgroups()
  const cgroup = await makeCgroup(world, mounts, boundsOf({}))
  await cgroup.sample()
  await cgroup.remove()
  await removeOrphanedCgroups(world, mounts)
}
