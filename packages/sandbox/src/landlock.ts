import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Contained, Containment } from './contained.ts'
import { commonRules, mountRules, runtimeRules, type FileRule } from './file-rules.ts'
import { hostRootFor, writableOf, type HostRoot } from './host-root.ts'
import { withKeeper } from './keeper.ts'
import { BROUGHT, isBrought } from './layout.ts'
import { environmentOf } from './profile.ts'
import { findProgram } from './programs.ts'
import { tasksOf } from './process-facts.ts'
import { resourceLimits, RLIMIT } from './resource-limits.ts'
import { bareSeccompFilter } from './seccomp.ts'
import { CHANNEL, feed, separated, streamOf } from './spawned.ts'

/** Descriptors after the channel, which the launcher reads. */
const STEPS = 4
const FILTER = 5

const LAUNCHER = fileURLToPath(new URL('./landlock.pl', import.meta.url))

/** Level C: no name space, the host's own root and user, but rules of the kernel for every file, socket and signal. */
export async function behindLandlock(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const perl = await findProgram(what.world, 'perl')
  const root = await hostRootFor(what, held)
  const [rules, rlimits] = [await rulesOf(what, root), await limitsOf(what)]
  const command = [perl, LAUNCHER, process.arch, CHANNEL + 1, STEPS, FILTER].map(String)
  const kept = await withKeeper(perl, command, { stdin: what.stdin, descriptors: FILTER + 1 })
  feed(streamOf(kept.child, STEPS), separated(stepsOf(what, root, rules, rlimits)))
  feed(streamOf(kept.child, FILTER), bareSeccompFilter(process.arch))
  return { ...kept, at: root.at, writable: writableOf(root), look: async () => undefined }
}

async function rulesOf({ profile }: Containment, { mounts, own, room, workspace }: HostRoot): Promise<FileRule[]> {
  const brought = BROUGHT.map((name): FileRule => [name === 'tmp' ? 'write' : 'read', join(room, name)])
  const inPlace = profile.files.filter(({ target }) => !isBrought(target))
  const scripts = inPlace.map(async ({ target }): Promise<FileRule> => ['read', await realpath(target)])
  return [
    ...(await commonRules()),
    ...(await runtimeRules(profile.runtime)),
    ...brought,
    ...own.map(({ source }): FileRule => ['run', source]),
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

function stepsOf(
  { profile, cgroup }: Containment,
  { at, mounts }: HostRoot,
  rules: readonly FileRule[],
  rlimits: ReadonlyMap<number, number>,
): string[] {
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
