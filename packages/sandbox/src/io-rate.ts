import { readFile } from 'node:fs/promises'
import type { World } from '@tenon/contract'
import { creditOf } from './allowance.ts'
import type { Verdict } from './end-report.ts'
import { ABSENT, unlessFault } from './expected-fault.ts'
import { megabytes, type Bounds } from './limits.ts'
import { processTree } from './process-tree.ts'

/** How long a tree may go on at its rate after a rest, and how long it would have to rest for what it may move at once. */
const BURST_MS = 1_000
const DEBT_MS = 10_000

/** What was seen of a tree's traffic with disks. */
export type IoLook = { isOver: boolean; verdict?: Verdict }

/** Watches how fast a tree reads from and writes to disks, where that is bounded. */
export function ioWatch(world: World, { ioMbPerSec }: Pick<Bounds, 'ioMbPerSec'>, root: number): () => Promise<IoLook> {
  if (!Number.isFinite(ioMbPerSec)) return async () => ({ isOver: false })
  const perMs = megabytes(ioMbPerSec) / 1_000
  const credit = creditOf(world, { perMs, burst: perMs * BURST_MS })
  return async () => {
    const movedBytes = await ioBytesOf(root)
    const left = credit(movedBytes)
    if (left >= -perMs * DEBT_MS) return { isOver: left < 0 }
    const message = `it moved far more than ${ioMbPerSec} MiB a second to and from disks`
    return { isOver: true, verdict: { reason: 'io', message, evidence: { movedBytes } } }
  }
}

/** Those of processes that have ended are kept by their parents. */
async function ioBytesOf(root: number): Promise<number> {
  const counts = (await processTree(root)).map(async (pid) => {
    const io = await unlessFault(readFile(`/proc/${pid}/io`, 'utf8'), ABSENT, '')
    return [...io.matchAll(/^(?:read|write)_bytes: (\d+)$/gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)
  })
  return (await Promise.all(counts)).reduce((sum, bytes) => sum + bytes, 0)
}
