import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { unlessFault } from './expected-fault.ts'

/** The process id that a launcher tells: of the process that takes all others with it when it ends. */
export async function innerProcess(info: Duplex): Promise<number | undefined> {
  info.end()
  const pid = /"child-pid": *(\d+)/.exec(await unlessFault(text(info), ['ECONNRESET'], ''))?.[1]
  return pid === undefined ? undefined : Number(pid)
}
