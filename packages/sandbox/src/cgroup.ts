import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, messageOf, TenonError, type World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { signalIfThere } from './governor.ts'
import { megabytes, type Bounds } from './limits.ts'
import type { Meter } from './meter.ts'
import { isLeftOver, ownMark } from './process-facts.ts'

type Separate = { memory: string; cpu: string; cpuacct: string; pids: string }

/** Where the controllers are mounted: each on its own (version 1), or all in one tree (version 2). */
export type CgroupMounts = ({ version: 1; folders: Separate } | { version: 2; folders: { root: string } }) & {
  /** Those of all controllers; a container engine makes its groups in each. */
  every: readonly string[]
}

export type Cgroup = Meter & {
  /** Sets bounds and reads each back; ISOLATION_UNAVAILABLE when one does not take. For once: bounds may not be widened. */
  bound(bounds: Bounds): Promise<void>
  /** A group in which a container engine may make what it needs besides, in the tree of every controller. */
  engine: { path: string; remove(): Promise<void> }
  /** The process lists that a process enters by writing its id. */
  joins: readonly string[]
  remove(): Promise<void>
}

type Layout = {
  folders: readonly string[]
  settings(bounds: Bounds): readonly (readonly [file: string, value: string, need: 'must' | 'may'])[]
  memorySeen: string
  oomEvents: string
  throttleEvents: string
  cpu: readonly [file: string, field: string, perMs: number]
  pids: string
}

const PERIOD_US = 100_000

/** Reads the mount table; ISOLATION_UNAVAILABLE when it has no cgroups. */
export async function mountedCgroups(): Promise<CgroupMounts> {
  const mountinfo = await readFile('/proc/self/mountinfo', 'utf8')
  const mounts = mountinfo.split('\n').flatMap((line) => {
    const [before = '', after = ''] = line.split(' - ')
    const [kind = '', , options = ''] = after.split(' ')
    const folder = before.split(' ')[4]
    return kind.startsWith('cgroup') && folder !== undefined ? [{ kind, folder, controllers: options.split(',') }] : []
  })
  const every = mounts.map(({ folder }) => folder)
  const holder = (controller: string) =>
    mounts.find(({ kind, controllers }) => kind === 'cgroup' && controllers.includes(controller))?.folder
  const unified = mounts.find(({ kind }) => kind === 'cgroup2')?.folder
  const [memory, cpu, cpuacct, pids] = ['memory', 'cpu', 'cpuacct', 'pids'].map(holder)
  if (memory !== undefined && cpu !== undefined && cpuacct !== undefined && pids !== undefined)
    return { version: 1, folders: { memory, cpu, cpuacct, pids }, every }
  if (unified === undefined) throw new TenonError('ISOLATION_UNAVAILABLE', 'no cgroups are mounted')
  return { version: 2, folders: { root: unified }, every }
}

/** Makes a group that bounds nothing yet; ISOLATION_UNAVAILABLE when it cannot be made. */
export async function makeCgroup(world: World, mounts: CgroupMounts): Promise<Cgroup> {
  const name = `${PREFIX}${await ownMark()}-${world.newId().toLowerCase()}`
  const layout = layoutOf(mounts, name)
  const made: string[] = []
  try {
    if (mounts.version === 2) await writeFile(`${mounts.folders.root}/cgroup.subtree_control`, '+memory +cpu +pids')
    for (const folder of layout.folders) {
      await mkdir(folder)
      made.push(folder)
    }
  } catch (thrown) {
    await removeAll(world, made)
    throw unavailable(thrown)
  }
  return {
    engine: {
      path: `/${engineOf(name)}`,
      remove: () =>
        removeAll(
          world,
          mounts.every.map((folder) => join(folder, engineOf(name))),
        ),
    },
    bound: async (bounds) => {
      try {
        for (const setting of layout.settings(bounds)) await settle(...setting)
      } catch (thrown) {
        throw unavailable(thrown)
      }
    },
    joins: layout.folders.map((folder) => `${folder}/cgroup.procs`),
    sample: () => sampleOf(layout),
    remove: () => removeAll(world, made),
  }
}

const unavailable = (cause: unknown): TenonError =>
  new TenonError('ISOLATION_UNAVAILABLE', `no group can be made: ${messageOf(cause)}`, { cause })

/** Ends what still runs in the groups of hosts that were killed, and removes them; their names tell which process made them. */
export async function removeOrphanedCgroups(world: World, mounts: CgroupMounts): Promise<void> {
  for (const parent of mounts.every)
    for (const name of await readdir(parent))
      if (name.startsWith(PREFIX) && (await isLeftOver(name.slice(PREFIX.length)))) {
        await endAllIn(`${parent}/${name}`)
        await removeGroup(world, `${parent}/${name}`)
      }
}

async function endAllIn(group: string): Promise<void> {
  const members = await unlessFault(readFile(`${group}/cgroup.procs`, 'utf8'), ABSENT, '')
  for (const pid of members.split('\n').filter(Boolean)) await signalIfThere(Number(pid), 'SIGKILL')
  for (const inner of await foldersIn(group)) await endAllIn(inner)
}

const PREFIX = 'tenon-'

const engineOf = (name: string): string => `${name}-engine`

async function settle(file: string, value: string, need: 'must' | 'may'): Promise<void> {
  const writing = writeFile(file, value, { flag: 'r+' }).then(() => 'written')
  if ((await unlessFault(writing, need === 'may' ? ABSENT : [], 'absent')) === 'absent') return
  const readBack = (await readFile(file, 'utf8')).trim()
  if (readBack !== value)
    throw new TenonError('ISOLATION_UNAVAILABLE', `${file} holds ${readBack} after ${value} was written`)
}

async function sampleOf(layout: Layout) {
  const [cpuFile, cpuField, perMs] = layout.cpu
  const { memorySeen, oomEvents, throttleEvents, pids: group } = layout
  const files = [memorySeen, oomEvents, throttleEvents, cpuFile, `${group}/pids.current`, `${group}/pids.events`]
  const [memory, oom, throttled, cpu, tasks, pids] = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return {
    memoryBytes: field(memory, ''),
    cpuMs: field(cpu, cpuField) / perMs,
    tasks: field(tasks, ''),
    oomKills: field(oom, 'oom_kill'),
    forksRefused: field(pids, 'max'),
    throttles: field(throttled, 'nr_throttled'),
  }
}

async function foldersIn(group: string): Promise<string[]> {
  const entries = await unlessFault(readdir(group, { withFileTypes: true }), ABSENT, [])
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(group, entry.name))
}

/** The number after a name in a flat-keyed file, or a file's only number. */
function field(text = '', name: string): number {
  const number = Number(name === '' ? text : new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])
  assert(Number.isFinite(number), `a kernel that has this file counts ${name} in it`)
  return number
}

async function removeAll(world: World, folders: readonly string[]): Promise<void> {
  await Promise.all(folders.map((folder) => removeGroup(world, folder)))
}

/** The kernel lets a group go only when its last process has been reaped, and the groups in it are gone. */
async function removeGroup(world: World, folder: string): Promise<void> {
  await removeAll(world, await foldersIn(folder))
  let attempts = REMOVAL_ATTEMPTS
  const remove = () => unlessFault(rmdir(folder), ABSENT, undefined).then(() => 'gone')
  const tried = () => unlessFault(remove(), attempts > 0 ? ['EBUSY'] : [], 'busy')
  for (; (await tried()) === 'busy'; attempts -= 1) await world.timer(5)
}

const REMOVAL_ATTEMPTS = 400

function layoutOf(mounts: CgroupMounts, name: string): Layout {
  return mounts.version === 1 ? separate(mounts.folders, name) : together(mounts.folders.root, name)
}

function separate(mounts: Separate, name: string): Layout {
  const [memory, cpu, cpuacct, pids] = [mounts.memory, mounts.cpu, mounts.cpuacct, mounts.pids].map(
    (folder) => `${folder}/${name}`,
  ) as [string, string, string, string]
  return {
    folders: [...new Set([memory, cpu, cpuacct, pids])],
    settings: (bounds) => [
      [`${memory}/memory.limit_in_bytes`, String(megabytes(bounds.memoryMb)), 'must'],
      [`${memory}/memory.memsw.limit_in_bytes`, String(megabytes(bounds.memoryMb)), 'may'],
      [`${cpu}/cpu.cfs_period_us`, String(PERIOD_US), 'must'],
      [`${cpu}/cpu.cfs_quota_us`, String(Math.round(PERIOD_US * bounds.cpu)), 'must'],
      [`${pids}/pids.max`, String(bounds.tasks), 'must'],
    ],
    memorySeen: `${memory}/memory.max_usage_in_bytes`,
    oomEvents: `${memory}/memory.oom_control`,
    throttleEvents: `${cpu}/cpu.stat`,
    cpu: [`${cpuacct}/cpuacct.usage`, '', 1_000_000],
    pids,
  }
}

function together(root: string, name: string): Layout {
  const group = `${root}/${name}`
  return {
    folders: [group],
    settings: (bounds) => [
      [`${group}/memory.max`, String(megabytes(bounds.memoryMb)), 'must'],
      [`${group}/memory.swap.max`, '0', 'may'],
      [`${group}/memory.oom.group`, '1', 'may'],
      [`${group}/cpu.max`, `${Math.round(PERIOD_US * bounds.cpu)} ${PERIOD_US}`, 'must'],
      [`${group}/pids.max`, String(bounds.tasks), 'must'],
    ],
    memorySeen: `${group}/memory.current`,
    oomEvents: `${group}/memory.events`,
    throttleEvents: `${group}/cpu.stat`,
    cpu: [`${group}/cpu.stat`, 'usage_usec', 1_000],
    pids: group,
  }
}
