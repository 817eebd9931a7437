import type { Contained, Containment } from './contained.ts'
import { mountRules, type FileRule } from './file-rules.ts'
import { hostRootFor, standingAlone } from './host-root.ts'
import { BROUGHT } from './layout.ts'
import { environmentOf } from './profile.ts'
import { CHANNEL, pipesAfter, spawned } from './spawned.ts'

const SANDBOX_EXEC = '/usr/bin/sandbox-exec'

/** Level D, of macOS: a profile of its own sandbox that denies what it does not name. Written, and never run yet. */
export async function inSeatbelt(what: Containment, held: AsyncDisposableStack): Promise<Contained> {
  const { profile, stdin } = what
  const root = await hostRootFor(what, held)
  const { at, room, mounts, own, workspace } = root
  const command = at(profile.runtime.command)
  const rules: FileRule[] = [
    ['run', command],
    ...BROUGHT.map((name): FileRule => [name === 'tmp' ? 'write' : 'read', `${room}/${name}`]),
    ...own.map(({ source }): FileRule => ['run', source]),
    ...(await mountRules(mounts, workspace)),
  ]
  const argv = ['-p', seatbeltProfile(rules), command, ...profile.argv(at)]
  const child = await spawned(SANDBOX_EXEC, argv, pipesAfter(stdin, CHANNEL + 1), {
    cwd: at('/tmp'),
    env: environmentOf(profile, mounts, at),
  })
  return standingAlone(child, root)
}

/** What every program of macOS needs to start. */
const SYSTEM = [
  '/System/Library',
  '/usr/lib',
  '/private/var/db/dyld',
  '/dev/null',
  '/dev/zero',
  '/dev/random',
  '/dev/urandom',
]

const OPERATIONS: Record<FileRule[0], string> = {
  list: 'file-read*',
  read: 'file-read*',
  run: 'process-exec file-read*',
  device: 'file-read* file-write-data',
  write: 'file-read* file-write*',
}

/** The profile in the language of `sandbox-exec`. */
export function seatbeltProfile(rules: readonly FileRule[]): string {
  const allow = (operations: string, path: string): string => `(allow ${operations} (subpath ${JSON.stringify(path)}))`
  return [
    '(version 1)',
    '(deny default)',
    '(allow process-fork)',
    '(allow signal (target self))',
    '(allow sysctl-read)',
    '(allow file-read-metadata)',
    ...SYSTEM.map((path) => allow(OPERATIONS.read, path)),
    ...rules.map(([may, path]) => allow(OPERATIONS[may], path)),
  ].join('\n')
}
