import { readdir, readFile } from 'node:fs/promises'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { signalIfThere } from './governor.ts'

/**
 * Ends what hosts left that were killed in the middle of a start. bubblewrap's first inner process waits for its parent
 * before it can be told of that parent's death; if the parent dies in that instant it waits for ever, without having
 * run any plugin code.
 */
export async function endOrphanedStarts(): Promise<void> {
  for (const name of await readdir('/proc'))
    if (/^\d+$/.test(name) && (await isOrphan(name))) await signalIfThere(Number(name), 'SIGKILL')
}

async function isOrphan(pid: string): Promise<boolean> {
  const status = await statusOf(pid)
  if (field(status, 'Name') !== 'bwrap' || !isFirstOfItsOwn(field(status, 'NSpid'))) return false
  const user = process.getuid?.()
  if (user !== 0 && Number(field(status, 'Uid').split('\t')[0]) !== user) return false
  const command = await unlessFault(readFile(`/proc/${pid}/cmdline`, 'utf8'), ABSENT, '')
  return OURS.test(command) && field(await statusOf(field(status, 'PPid')), 'Name') !== 'bwrap'
}

/**
 * Whether a process, by its ids from our name space to its own, is the first of one inside ours. That alone may be left
 * half-way: the bubblewrap that waits outside for a plugin has several ids, too, where its host is in a name space of its own.
 */
const isFirstOfItsOwn = (ids: string): boolean => ids.endsWith('\t1')

/** How `launch` calls bubblewrap. */
const OURS = /\0--args\0\d+\0--seccomp\0\d+\0--info-fd\0\d+\0--\0/

const statusOf = (pid: string): Promise<string> => unlessFault(readFile(`/proc/${pid}/status`, 'utf8'), ABSENT, '')

const field = (status: string, name: string): string => new RegExp(`^${name}:\\t(.*)$`, 'm').exec(status)?.[1] ?? ''
