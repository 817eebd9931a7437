import { readdir, readFile, readlink } from 'node:fs/promises'
import { ABSENT, unlessFault } from './expected-fault.ts'

/** The fields of `/proc/PID/stat` from the state on, which is the third; none when the process is gone. */
export async function processFacts(pid: number): Promise<string[]> {
  const stat = await unlessFault(readFile(`/proc/${pid}/stat`, 'utf8'), ABSENT, '')
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** When a process began, in the kernel's count, which tells it from a later one with its id; empty for none. */
const beganAt = async (pid: number): Promise<string> => (await processFacts(pid))[19] ?? ''

/** A zombie that its parent has not yet fetched has ended. */
export async function hasEnded(pid: number): Promise<boolean> {
  const [state] = await processFacts(pid)
  return state === undefined || state === 'Z'
}

/** What tells this process from every other one that was ever seen from here; on it hangs whose things are left over. */
export const ownMark = async (): Promise<string> =>
  [await processNamespace(), process.pid, await beganAt(process.pid)].join('-')

/** Whether a name begins with the mark of a process that has ended. Ids of another name space tell nothing here. */
export async function isLeftOver(name: string): Promise<boolean> {
  const [namespace, pid, start] = name.split('-')
  return namespace === (await processNamespace()) && start !== (await beganAt(Number(pid)))
}

/** One for all where there is no /proc. */
const processNamespace = async (): Promise<string> =>
  (await unlessFault(readlink('/proc/self/ns/pid'), ABSENT, '0')).replaceAll(/\D/g, '')

/** How many threads all processes of a user have together, which is what the kernel's bound on a user counts. */
export async function tasksOf(user: number): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const statuses = await Promise.all(
    pids.map((pid) => unlessFault(readFile(`/proc/${pid}/status`, 'utf8'), ABSENT, '')),
  )
  const field = (status: string, name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
  return statuses
    .filter((status) => field(status, 'Uid') === user)
    .reduce((sum, status) => sum + field(status, 'Threads'), 0)
}
