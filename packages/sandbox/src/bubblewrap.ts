import type { ChildProcess } from 'node:child_process'
import { assert } from '@tenon/contract'
import { bubblewrapArguments, ISOLATION, type Reach, type View } from './bubblewrap-arguments.ts'
import type { Cgroup } from './cgroup.ts'
import type { Contained, Containment } from './contained.ts'
import { signalIfThere } from './governor.ts'
import { innerProcess } from './inner-process.ts'
import { claimUser } from './instance-user.ts'
import { inOwnRoot } from './layout.ts'
import { ARGUMENTS, become, FIRST_FILE, INFO, SECCOMP, spawnLauncher } from './launcher.ts'
import type { Bounds } from './limits.ts'
import { writableSources } from './mount.ts'
import type { Profile } from './profile.ts'
import { findProgram } from './programs.ts'
import { protectWorkspace } from './protected-paths.ts'
import { resourceLimits, RLIMIT } from './resource-limits.ts'
import { seccompFilter } from './seccomp.ts'
import { CHANNEL, feed, separated, streamOf } from './spawned.ts'

/** Levels A and B: name spaces and a root of its own, made by bubblewrap; as root behind a user id of its own. */
export async function inNamespaces(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const { world, profile, bounds, cgroup, stdin, workspace, stateDir, ready } = what
  const [perl, bwrap] = [await findProgram(world, 'perl'), await findProgram(world, 'bwrap')]
  const user = process.getuid?.() === 0 ? await claimUser(world) : undefined
  if (user !== undefined) held.defer(() => user.release())
  const protection = await protectWorkspace(what.mounts, workspace, stateDir)
  held.defer(() => protection.release())
  const view = { mounts: [...protection.mounts, ...profile.ownMounts], covers: protection.covers }
  const child = ready ?? (await spawnLauncher(perl, cgroup?.joins ?? [], { stdin, files: profile.files.length }))
  becomeBubblewrap(child, bwrap, { profile, view, bounds, cgroup, user: user?.id })
  const { pid } = child
  assert(pid !== undefined, 'a process that was spawned has an id')
  return {
    child,
    hasKeeper: true,
    channel: streamOf(child, CHANNEL),
    inner: innerProcess(streamOf(child, INFO)),
    at: inOwnRoot,
    writable: writableSources(protection.mounts),
    look: () => protection.look(),
    // If bubblewrap was not so far as to tell its inner process, that one is in its process group.
    endAll: () => signalIfThere(-pid, 'SIGKILL'),
  }
}

type Plan = {
  profile: Profile
  view: View
  bounds: Bounds
  cgroup: Cgroup | undefined
  user: number | undefined
}

function becomeBubblewrap(launcher: ChildProcess, bwrap: string, plan: Plan): void {
  const { profile, view, bounds, user } = plan
  const args = bubblewrapArguments(profile, view, bounds, user === undefined ? DIRECT : STAGED)
  const inputs = new Map<number, Uint8Array>([
    [ARGUMENTS, separated(args)],
    [SECCOMP, seccompFilter(process.arch)],
    ...profile.files.map(({ bytes }, index) => [FIRST_FILE + index, bytes] as const),
  ])
  const bubblewrap = [
    bwrap,
    ...ISOLATION,
    '--args',
    ARGUMENTS,
    '--seccomp',
    SECCOMP,
    '--info-fd',
    INFO,
    '--',
    profile.runtime.command,
  ]
  const command = [...bubblewrap.map(String), ...profile.argv(inOwnRoot)]
  become(launcher, launcherSteps(plan), command, FIRST_FILE + profile.files.length)
  for (const [descriptor, bytes] of inputs) feed(streamOf(launcher, descriptor), bytes)
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

function launcherSteps({ profile, view, bounds, cgroup, user }: Plan): string[] {
  const rlimits = resourceLimits(bounds, profile.files, { isMemoryBounded: cgroup !== undefined })
  // The kernel counts processes by user: a user that has others running already cannot be bounded this way.
  if (cgroup === undefined && user !== undefined) rlimits.set(RLIMIT.tasks, bounds.tasks)
  return [
    ...[...rlimits].flatMap(([resource, value]) => ['limit', String(resource), String(value)]),
    ...(user === undefined ? [] : ['user', String(user), ...shownSteps(profile, view)]),
  ]
}

const shownSteps = ({ runtime }: Profile, { mounts }: View): string[] => [
  ...runtime.shown.flatMap(({ source }, index) => ['show', 'plain', '1', source, `r${index}`]),
  ...mounts.flatMap(({ source, readOnly }, index) => ['show', 'owned', readOnly ? '1' : '0', source, `m${index}`]),
]
