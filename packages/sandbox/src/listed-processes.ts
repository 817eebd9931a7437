import { findProgram } from './programs.ts'
import type { World } from '@tenon/contract'
import { megabytes } from './limits.ts'
import { NOTHING_SEEN, type Meter } from './meter.ts'
import { outputOf } from './run-program.ts'

type Listed = { pid: number; parent: number; memoryBytes: number; cpuMs: number }

/** Measures a tree by what `ps` lists, where there is no /proc. Processes that have ended count no more. */
export const listedTreeMeter = (world: World, root: number): Meter => ({
  sample: async () => {
    const tree = await listedTree(world, root)
    const sum = (of: (one: Listed) => number): number => tree.reduce((total, one) => total + of(one), 0)
    return {
      ...NOTHING_SEEN,
      memoryBytes: sum(({ memoryBytes }) => memoryBytes),
      cpuMs: sum(({ cpuMs }) => cpuMs),
      tasks: tree.length,
    }
  },
})

/** A process and all below it, parents first. */
async function listedTree(world: World, root: number): Promise<Listed[]> {
  const all = processesIn(await outputOf(await findProgram(world, 'ps'), ['-axo', 'pid=,ppid=,rss=,time=']))
  const found = all.filter(({ pid }) => pid === root)
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid))
  return found
}

/** One line a process: its id, its parent's, kilobytes in memory, processor time as [[days-]hours:]minutes:seconds. */
export const processesIn = (listing: string): Listed[] =>
  [...listing.matchAll(/^ *(\d+) +(\d+) +(\d+) +(?:(\d+)-)?([\d:.]+)$/gm)].map(
    ([, pid, parent, kilobytes, days = 0, time = '']) => ({
      pid: Number(pid),
      parent: Number(parent),
      memoryBytes: (Number(kilobytes) * megabytes(1)) / 1024,
      cpuMs: 1000 * time.split(':').reduce((total, part) => total * 60 + Number(part), 0) + Number(days) * 86_400_000,
    }),
  )
