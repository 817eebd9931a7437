import { readdir } from 'node:fs/promises'
import type { World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'
import type { Bounds } from './limits.ts'
import type { Sample } from './meter.ts'
import { processTree } from './process-tree.ts'
import { OPEN_FILES } from './resource-limits.ts'

const INTERVAL_MS = 1_000
/** The part of a bound from which on it is near. */
const NEAR = 0.9

type Watched = { world: World; bounds: Pick<Bounds, 'tasks'>; root: number }

/** Tells once when a tree comes near a bound at which the system refuses it more, and again only after it was not near. */
export function nearBounds({ world, bounds, root }: Watched, tell: (message: string) => void) {
  const [files, tasks] = [onceEachTime(tell), onceEachTime(tell)]
  let notBefore = world.monotonic() + INTERVAL_MS
  return async (sample: Sample): Promise<void> => {
    if (world.monotonic() < notBefore) return
    notBefore = world.monotonic() + INTERVAL_MS
    const open = await mostOpenFiles(root)
    files(open >= OPEN_FILES * NEAR, `it holds ${open} of the ${OPEN_FILES} open files that it may have`)
    tasks(sample.tasks >= bounds.tasks * NEAR, `it has ${sample.tasks} of the ${bounds.tasks} threads that it may have`)
  }
}

function onceEachTime(tell: (message: string) => void): (isSo: boolean, message: string) => void {
  let was = false
  return (isSo, message) => {
    if (isSo && !was) tell(message)
    was = isSo
  }
}

/** What is hidden from us we cannot count. */
const UNSEEN = [...ABSENT, 'EACCES']

/** Of the process of a tree that has most of them: each has a bound of its own. */
async function mostOpenFiles(root: number): Promise<number> {
  const counts = (await processTree(root)).map(
    async (pid) => (await unlessFault(readdir(`/proc/${pid}/fd`), UNSEEN, [])).length,
  )
  return Math.max(...(await Promise.all(counts)))
}
