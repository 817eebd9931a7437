import { once } from 'node:events'
import { PassThrough, type Duplex, type Readable, type Writable } from 'node:stream'
import { assert, type World } from '@tenon/contract'
import { boundedLog, type BoundedLog, type LogStream, type OnLog } from './bounded-log.ts'
import type { Cgroup } from './cgroup.ts'
import type { Contained } from './contained.ts'
import { exitOf, unforcedEnd, type EndReport, type Usage, type Verdict } from './end-report.ts'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { folderGrowth } from './folder-growth.ts'
import { govern, signalIfThere, verdictOn, type Keeping } from './governor.ts'
import type { Bounds } from './limits.ts'
import type { Sample } from './meter.ts'
import { listedTreeMeter } from './listed-processes.ts'
import { hasEnded } from './process-facts.ts'
import { processTreeMeter } from './process-tree.ts'

/** A process in the sandbox, from the host's side. */
export type Launched = {
  channel: Duplex
  log: BoundedLog
  usage(): Usage
  /** Ends the whole tree for a reason; the first one counts. */
  condemn(verdict: Verdict): void
  /** As `condemn`, unless it has ended by itself before. */
  condemnAfter(ms: number, verdict: Verdict): void
  ended: Promise<EndReport>
}

/** What the standard streams of a process are tied to. */
export type Streams = { stdin: 'inherit' | 'ignore'; stdout: Writable; stderr: Writable }

type Supervised = {
  world: World
  bounds: Bounds
  contained: Contained
  cgroup: Cgroup | undefined
  onLog: OnLog
  streams: Streams | undefined
  onThrottled: (message: string) => void
  /** What was made for this process, to be undone at its end. */
  held: AsyncDisposableStack
}

export function supervise(supervised: Supervised): Launched {
  const { world, bounds, contained, cgroup, streams } = supervised
  const { child, inner } = contained
  const { pid, stdout, stderr } = child
  assert(pid !== undefined && stdout !== null && stderr !== null, 'the process was started with pipes')
  const log = boundedLog(bounds.logBytes, supervised.onLog, supervised.onThrottled)
  for (const [name, stream] of Object.entries({ stdout, stderr }) as [LogStream, Readable][]) {
    if (streams !== undefined) stream.pipe(streams[name], { end: false })
    log.follow(name, stream.pipe(new PassThrough()))
  }
  const over = new AbortController()
  const startedAt = world.monotonic()
  let verdict: Verdict | undefined
  const condemn = (given: Verdict): void => {
    if (verdict !== undefined || over.signal.aborted) return
    verdict = given
    void endTree(world, contained, over.signal)
  }
  const condemnAfter = (ms: number, given: Verdict): void =>
    void world.timer(ms, over.signal).then(
      () => condemn(given),
      () => undefined,
    )
  const governor = governed(supervised, pid, condemn, over.signal)
  if (Number.isFinite(bounds.wallMs)) condemnAfter(bounds.wallMs, outOfTime(bounds.wallMs))
  const usage = (): Usage => ({
    wallMs: Math.round(world.monotonic() - startedAt),
    cpuMs: Math.round(governor.seen.last.cpuMs),
    maxRssBytes: governor.seen.peakBytes,
  })
  const finish = async (): Promise<EndReport> => {
    const exit = exitOf(...((await once(child, 'close')) as [number | null, string | null]))
    over.abort()
    await Promise.all([governor.watching, gone(world, await inner)])
    if (cgroup !== undefined) verdict ??= verdictOn(await lastLook(governor), { bounds, keeping: 'kernel' })
    const report = { ...exit, ...(verdict ?? unforcedEnd(exit, log.tail())), usage: usage() }
    await supervised.held.disposeAsync()
    return report
  }
  return { channel: contained.channel, log, usage, condemn, condemnAfter, ended: finish() }
}

/** A group that somebody took away has no more to say than it said before. */
const lastLook = ({ look, seen }: Pick<ReturnType<typeof govern>, 'look' | 'seen'>): Promise<Sample> =>
  unlessFault(look(), ABSENT, seen.last)

function governed(
  { world, bounds, contained, cgroup, onThrottled }: Supervised,
  root: number,
  condemn: (verdict: Verdict) => void,
  over: AbortSignal,
) {
  const keeping: Keeping = cgroup === undefined ? 'polling' : 'kernel'
  const growth = folderGrowth(world, contained.writable, bounds)
  const alsoLook = async () => (await contained.look()) ?? (await growth())
  const meter = cgroup ?? (process.platform === 'darwin' ? listedTreeMeter(world, root) : processTreeMeter(root))
  const { hasKeeper } = contained
  return govern({ world, bounds, keeping, root, hasKeeper, condemn, onThrottled, meter, alsoLook }, over)
}

const outOfTime = (ms: number): Verdict => ({
  reason: 'time',
  message: `it ran longer than its ${ms} ms`,
  evidence: { wallMs: ms },
})

/** By its inner process, so that the one around it sees the end and reports it; all at once if that is not enough. */
async function endTree(world: World, { inner, endAll }: Contained, over: AbortSignal): Promise<void> {
  const soon = world.timer(500, over).then(
    () => undefined,
    () => undefined,
  )
  const first = await Promise.race([inner, soon])
  if (first !== undefined) await signalIfThere(first, 'SIGKILL')
  await soon
  if (!over.aborted) await endAll()
}

async function gone(world: World, pid: number | undefined): Promise<void> {
  if (pid !== undefined) while (!(await hasEnded(pid))) await world.timer(2)
}
