import { cp, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '@tenon/contract'
import type { Contained, Containment } from './contained.ts'
import { commonRules, mountRules, runtimeRules, type FileRule } from './file-rules.ts'
import { signalIfThere } from './governor.ts'
import { innerProcess } from './inner-process.ts'
import { BROUGHT, isBrought, onHostRoot, type At } from './layout.ts'
import type { Mount } from './mount.ts'
import { environmentOf } from './profile.ts'
import { findProgram } from './programs.ts'
import { restrictedMounts } from './protected-paths.ts'
import { tasksOf } from './process-facts.ts'
import { resourceLimits, RLIMIT } from './resource-limits.ts'
import { makeRoom } from './room.ts'
import { bareSeccompFilter } from './seccomp.ts'
import { CHANNEL, feed, pipesAfter, separated, spawned, streamOf } from './spawned.ts'

/** Descriptors after the channel: what the launcher reads and tells. */
const STEPS = 4
const FILTER = 5
const INFO = 6

const LAUNCHER = fileURLToPath(new URL('./landlock.pl', import.meta.url))

/** Where modules lie, which look for the sdk beside them. */
const MODULES = '/plugin'

/** Level C: no name space, the host's own root and user, but rules of the kernel for every file, socket and signal. */
export async function behindLandlock(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const { world, profile, stdin, stateDir } = what
  const perl = await findProgram(world, 'perl')
  const workspace = what.workspace === undefined ? undefined : await realpath(what.workspace)
  const mounts = workspace === undefined ? what.mounts : restrictedMounts(what.mounts, workspace)
  const room = await makeRoom(
    world,
    stateDir,
    profile.files.filter(({ target }) => isBrought(target)),
  )
  held.defer(() => room.remove())
  const modules = profile.ownMounts.find(({ target }) => target === MODULES)
  if (modules !== undefined) await cp(modules.source, join(room.path, MODULES), { recursive: true })
  const shown = [...mounts, ...profile.ownMounts.filter((mount) => mount !== modules)]
  const at = onHostRoot(room.path, [...shown, ...profile.runtime.shown])
  const rules = await rulesOf(what, { mounts: shown, room: room.path, workspace })
  const rlimits = await limitsOf(what)
  const argv = [LAUNCHER, process.arch, process.pid, CHANNEL + 1, STEPS, FILTER, INFO].map(String)
  const child = await spawned(perl, argv, pipesAfter(stdin, INFO + 1))
  feed(streamOf(child, STEPS), separated(stepsOf(what, { mounts, rules, rlimits, at })))
  feed(streamOf(child, FILTER), bareSeccompFilter(process.arch))
  const { pid } = child
  assert(pid !== undefined, 'a process that was spawned has an id')
  return {
    child,
    channel: streamOf(child, CHANNEL),
    inner: innerProcess(streamOf(child, INFO)),
    at,
    writable: [at('/tmp'), ...mounts.filter(({ readOnly }) => !readOnly).map(({ source }) => source)],
    look: async () => undefined,
    endAll: () => signalIfThere(pid, 'SIGTERM'),
  }
}

type Ground = { mounts: readonly Mount[]; room: string; workspace: string | undefined }

async function rulesOf({ profile }: Containment, { mounts, room, workspace }: Ground): Promise<FileRule[]> {
  const own = BROUGHT.map((name): FileRule => [name === 'tmp' ? 'write' : 'read', join(room, name)])
  const inPlace = profile.files.filter(({ target }) => !isBrought(target))
  const scripts = inPlace.map(async ({ target }): Promise<FileRule> => ['read', await realpath(target)])
  return [
    ...(await commonRules()),
    ...(await runtimeRules(profile.runtime)),
    ...own,
    ...(await Promise.all(scripts)),
    ...(await mountRules(mounts, workspace)),
  ]
}

/** Room for what else the user starts meanwhile, which the kernel counts with it. */
const TASKS_OF_OTHERS = 256

async function limitsOf({ profile, bounds, cgroup }: Containment): Promise<Map<number, number>> {
  const rlimits = resourceLimits(bounds, profile.files, { isMemoryBounded: cgroup !== undefined })
  const user = process.getuid?.()
  if (cgroup === undefined && user !== undefined && user !== 0)
    rlimits.set(RLIMIT.tasks, (await tasksOf(user)) + bounds.tasks + TASKS_OF_OTHERS)
  return rlimits
}

type Steps = {
  mounts: readonly Mount[]
  rules: readonly FileRule[]
  rlimits: ReadonlyMap<number, number>
  at: At
}

function stepsOf({ profile, cgroup }: Containment, { mounts, rules, rlimits, at }: Steps): string[] {
  const command = at(profile.runtime.command)
  // Node reads a configuration of OpenSSL that it may not read here, and does not start then.
  const env = { PATH: dirname(command), OPENSSL_CONF: '/dev/null', ...profile.env }
  return [
    ...(cgroup?.joins ?? []).flatMap((file) => ['join', file]),
    ...[...rlimits].flatMap(([resource, value]) => ['limit', String(resource), String(value)]),
    ...Object.entries(environmentOf({ env }, mounts, at)).flatMap(([name, value]) => ['set', name, value]),
    ...rules.flatMap(([may, path]) => ['allow', may, path]),
    'enter',
    at('/tmp'),
    'exec',
    command,
    ...profile.argv(at),
  ]
}
