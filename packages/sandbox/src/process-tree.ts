import { readdir, readFile } from 'node:fs/promises'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { NOTHING_SEEN, type Meter, type Sample } from './meter.ts'
import { processFacts } from './process-facts.ts'

/** The processor time that /proc counts in, fixed by the kernel's interface. */
const TICKS_PER_SECOND = 100

/** Measures a tree by walking it, for levels without cgroups. Time of processes that have ended is kept by their parents. */
export const processTreeMeter = (root: number): Meter => ({
  sample: async () => {
    const seen = await Promise.all((await processTree(root)).map(sampleProcess))
    return seen.reduce(sum, NOTHING_SEEN)
  },
})

/** A process and all below it, parents first. */
export async function processTree(root: number): Promise<number[]> {
  const found = [root]
  for (const pid of found) found.push(...(await childrenOf(pid)))
  return found
}

async function childrenOf(pid: number): Promise<number[]> {
  const threads = await unlessFault(readdir(`/proc/${pid}/task`), ABSENT, [])
  const lists = await Promise.all(
    threads.map((thread) => unlessFault(readFile(`/proc/${pid}/task/${thread}/children`, 'utf8'), ABSENT, '')),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}

/** Private and shared memory; pages of files that are mapped belong to the host's cache. */
async function sampleProcess(pid: number): Promise<Sample> {
  const [status, facts] = await Promise.all([
    unlessFault(readFile(`/proc/${pid}/status`, 'utf8'), ABSENT, ''),
    processFacts(pid),
  ])
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  const [user = 0, system = 0, childUser = 0, childSystem = 0] = facts.slice(11, 15).map(Number)
  return {
    memoryBytes: (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024,
    cpuMs: ((user + system + childUser + childSystem) * 1000) / TICKS_PER_SECOND,
    tasks: kilobytes('Threads'),
    oomKills: 0,
    forksRefused: 0,
    throttles: 0,
  }
}

const sum = (a: Sample, b: Sample): Sample => ({
  memoryBytes: a.memoryBytes + b.memoryBytes,
  cpuMs: a.cpuMs + b.cpuMs,
  tasks: a.tasks + b.tasks,
  oomKills: a.oomKills + b.oomKills,
  forksRefused: a.forksRefused + b.forksRefused,
  throttles: a.throttles + b.throttles,
})
