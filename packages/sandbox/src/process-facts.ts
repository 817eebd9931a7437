import { readFile } from 'node:fs/promises'
import { ABSENT, unlessFault } from './expected-fault.ts'

/** The fields of `/proc/PID/stat` from the state on, which is the third; none when the process is gone. */
export async function processFacts(pid: number): Promise<string[]> {
  const stat = await unlessFault(readFile(`/proc/${pid}/stat`, 'utf8'), ABSENT, '')
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** When a process began, in the kernel's count, which tells it from a later one with its id. */
export const beganAt = async (pid: number): Promise<string | undefined> => (await processFacts(pid))[19]

/** A zombie that its parent has not yet fetched has ended. */
export async function hasEnded(pid: number): Promise<boolean> {
  const [state] = await processFacts(pid)
  return state === undefined || state === 'Z'
}
