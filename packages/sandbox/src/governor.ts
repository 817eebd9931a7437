import { kill } from 'node:process'
import { asTenonError, type World } from '@tenon/contract'
import { creditOf, sustained } from './allowance.ts'
import type { Verdict } from './end-report.ts'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { ioWatch } from './io-rate.ts'
import { megabytes, type Bounds } from './limits.ts'
import { NOTHING_SEEN, type Meter, type Sample } from './meter.ts'
import { nearBounds } from './near-bounds.ts'
import { processTree } from './process-tree.ts'

/** How a level keeps bounds: the kernel does and we only look, or we poll and act. */
export type Keeping = 'kernel' | 'polling'

const INTERVAL_MS: Record<Keeping, number> = { kernel: 100, polling: 50 }

/** Processor time that a throttled tree may use at once after it was idle. */
const BURST_MS = 1_000

type Watched = {
  world: World
  meter: Meter
  bounds: Bounds
  keeping: Keeping
  root: number
  /** Whether the root is the sandbox's own, and goes on when the others are stopped. */
  hasKeeper: boolean
  /** Looks at what no meter sees: the growth of writable folders, protected files that were replaced. */
  alsoLook: () => Promise<Verdict | undefined>
  condemn: (verdict: Verdict) => void
  /** Told when it has been held back for a while, or is near a bound, and again only after it was not. */
  onThrottled: (message: string) => void
}

/** Watches a tree until the signal is aborted. The newest sample and the memory peak stay readable. */
export function govern(watched: Watched, signal: AbortSignal) {
  const { world, keeping } = watched
  const seen = { last: NOTHING_SEEN, peakBytes: 0 }
  const { cpu, ioMbPerSec } = watched.bounds
  const isOverShare = keeping === 'polling' ? inDebt(watched) : throttledByKernel()
  const io = ioWatch(world, watched.bounds, watched.root)
  const hold = holding(watched)
  const tellNear = nearBounds(watched, watched.onThrottled)
  const tellShare = sustained(() => watched.onThrottled(`it used its share of ${cpu} processors up`))
  const tellIo = sustained(() => watched.onThrottled(`it moved more than ${ioMbPerSec} MiB a second to and from disks`))
  const look = async (): Promise<Sample> => {
    const sample = await watched.meter.sample()
    // A walk that comes when processes are ending misses what they had used.
    seen.last = { ...sample, cpuMs: Math.max(seen.last.cpuMs, sample.cpuMs) }
    seen.peakBytes = Math.max(seen.peakBytes, seen.last.memoryBytes)
    return seen.last
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const { isOver, verdict: ofIo } = await io()
      const verdict = verdictOn(await look(), watched) ?? ofIo ?? (await watched.alsoLook())
      if (verdict !== undefined) return watched.condemn(verdict)
      const isShareUsed = isOverShare(seen.last)
      await hold(isOver || (isShareUsed && keeping === 'polling'))
      tellShare(isShareUsed)
      tellIo(isOver)
      await tellNear(seen.last)
      await elapsed(world, INTERVAL_MS[keeping], signal)
    }
  }
  const unwatched = (thrown: unknown): void =>
    watched.condemn({
      reason: 'killed',
      message: `it could not be watched: ${asTenonError(thrown).message}`,
      evidence: {},
    })
  return { seen, look, watching: run().catch(unwatched) }
}

export function verdictOn(
  sample: Sample,
  { bounds, keeping }: Pick<Watched, 'bounds' | 'keeping'>,
): Verdict | undefined {
  const { memoryMb, cpuMs, tasks } = bounds
  if (sample.oomKills > 0)
    return {
      reason: 'oom',
      message: `it needed more than its ${memoryMb} MiB of memory`,
      evidence: { oomKills: sample.oomKills, peakBytes: sample.memoryBytes },
    }
  if (sample.forksRefused > 0 || (keeping === 'polling' && sample.tasks >= tasks))
    return {
      reason: 'pids',
      message: `it wanted more than its ${bounds.processes} processes`,
      evidence: { tasks: sample.tasks, tasksMax: tasks, refused: sample.forksRefused },
    }
  if (keeping === 'polling' && sample.memoryBytes > megabytes(memoryMb))
    return {
      reason: 'oom',
      message: `it held more than its ${memoryMb} MiB of memory`,
      evidence: { seenBytes: sample.memoryBytes },
    }
  if (sample.cpuMs > cpuMs)
    return {
      reason: 'cpu',
      message: `it used up its ${cpuMs} ms of processor time`,
      evidence: { usedMs: Math.round(sample.cpuMs) },
    }
  return undefined
}

/** Whether a tree has used more of the processors than its share, by the means of its level. */
type OverShare = (sample: Sample) => boolean

/** The kernel holds it back itself, and counts how often. */
function throttledByKernel(): OverShare {
  let before = 0
  return ({ throttles }) => {
    const isHeld = throttles > before
    before = throttles
    return isHeld
  }
}

function inDebt({ world, bounds }: Watched): OverShare {
  const credit = creditOf(world, { perMs: bounds.cpu, burst: BURST_MS })
  return ({ cpuMs }) => credit(cpuMs) < 0
}

/** Stops a tree while it is to be held back. */
function holding({ root, hasKeeper }: Watched): (isHeld: boolean) => Promise<void> {
  let stopped = false
  return async (isHeld) => {
    if (!isHeld && !stopped) return
    const signal = isHeld ? 'SIGSTOP' : 'SIGCONT'
    for (const pid of (await processTree(root)).slice(hasKeeper ? 1 : 0)) await signalIfThere(pid, signal)
    stopped = isHeld
  }
}

/** A process may have ended since it was seen. */
export const signalIfThere = (pid: number, signal: NodeJS.Signals): Promise<boolean> =>
  unlessFault(sent(pid, signal), ABSENT, false)

const sent = async (pid: number, signal: NodeJS.Signals): Promise<boolean> => kill(pid, signal)

const elapsed = (world: World, ms: number, signal: AbortSignal): Promise<void> =>
  world.timer(ms, signal).catch((thrown: unknown) => {
    if (!signal.aborted) throw thrown
  })
