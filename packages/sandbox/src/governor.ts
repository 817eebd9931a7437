import { kill } from 'node:process'
import { asTenonError, type World } from '@tenon/contract'
import type { Verdict } from './end-report.ts'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { megabytes, type Bounds } from './limits.ts'
import { NOTHING_SEEN, type Meter, type Sample } from './meter.ts'
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
  /** Told when it has been held back for a while, and again only after it was not. */
  onThrottled: (message: string) => void
}

/** Watches a tree until the signal is aborted. The newest sample and the memory peak stay readable. */
export function govern(watched: Watched, signal: AbortSignal) {
  const { world, keeping } = watched
  const seen = { last: NOTHING_SEEN, peakBytes: 0 }
  const heldBack = keeping === 'polling' ? throttling(watched) : throttledByKernel()
  const tell = sustained(() => watched.onThrottled(`it used its share of ${watched.bounds.cpu} processors up`))
  const look = async (): Promise<Sample> => {
    const sample = await watched.meter.sample()
    // A walk that comes when processes are ending misses what they had used.
    seen.last = { ...sample, cpuMs: Math.max(seen.last.cpuMs, sample.cpuMs) }
    seen.peakBytes = Math.max(seen.peakBytes, seen.last.memoryBytes)
    return seen.last
  }
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const verdict = verdictOn(await look(), watched) ?? (await watched.alsoLook())
      if (verdict !== undefined) return watched.condemn(verdict)
      tell(await heldBack(seen.last))
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

/** Looks in a row, or nearly, in which a tree was held back before that is worth an event: a start alone may do it for some. */
const SUSTAINED_LOOKS = 10

/** Calls when something has gone on for a while, and again only after it was over. */
function sustained(event: () => void): (isSo: boolean) => void {
  let looks = 0
  let isTold = false
  return (isSo) => {
    looks = Math.min(SUSTAINED_LOOKS, Math.max(0, looks + (isSo ? 1 : -1)))
    if (looks === SUSTAINED_LOOKS && !isTold) event()
    isTold = looks === SUSTAINED_LOOKS || (isTold && looks > 0)
  }
}

/** Whether a tree was held back since the last look, and is by the means of its level. */
type HeldBack = (sample: Sample) => Promise<boolean>

function throttledByKernel(): HeldBack {
  let before = 0
  return async ({ throttles }) => {
    const isHeld = throttles > before
    before = throttles
    return isHeld
  }
}

/** Holds a tree to its share of the processor by stopping it while it is in debt. */
function throttling({ world, bounds, root, hasKeeper }: Watched): HeldBack {
  let credit = BURST_MS
  let stopped = false
  const signalAll = async (signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> => {
    for (const pid of (await processTree(root)).slice(hasKeeper ? 1 : 0)) await signalIfThere(pid, signal)
  }
  let before = { at: world.monotonic(), cpuMs: 0 }
  return async ({ cpuMs }) => {
    const at = world.monotonic()
    credit = Math.min(BURST_MS, credit + (at - before.at) * bounds.cpu - (cpuMs - before.cpuMs))
    before = { at, cpuMs }
    if (credit < 0) await signalAll('SIGSTOP')
    else if (stopped) await signalAll('SIGCONT')
    stopped = credit < 0
    return stopped
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
