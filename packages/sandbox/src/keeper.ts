import { fileURLToPath } from 'node:url'
import { assert } from '@tenon/contract'
import type { Contained } from './contained.ts'
import { signalIfThere } from './governor.ts'
import { innerProcess } from './inner-process.ts'
import { CHANNEL, pipesAfter, spawned, streamOf, type Tied } from './spawned.ts'

const KEEPER = fileURLToPath(new URL('./keeper.pl', import.meta.url))

type Place = {
  stdin: Tied
  /** How many descriptors the command gets, all beyond standard input pipes of ours. */
  descriptors: number
  cwd?: string
  env?: Readonly<Record<string, string>>
}

/** Starts a command below a keeper, which ends all that the command leaves behind: with the command, and with us. */
export async function withKeeper(
  perl: string,
  command: readonly string[],
  { stdin, descriptors, ...place }: Place,
): Promise<Pick<Contained, 'child' | 'hasKeeper' | 'channel' | 'inner' | 'endAll'>> {
  const argv = [KEEPER, process.arch, process.pid, descriptors, descriptors].map(String)
  const child = await spawned(perl, [...argv, ...command], pipesAfter(stdin, descriptors + 1), place)
  const { pid } = child
  assert(pid !== undefined, 'a process that was spawned has an id')
  return {
    child,
    hasKeeper: true,
    channel: streamOf(child, CHANNEL),
    inner: innerProcess(streamOf(child, descriptors)),
    endAll: () => signalIfThere(pid, 'SIGTERM'),
  }
}
