import { createHash } from 'node:crypto'
import type { World } from '@tenon/contract'
import { median } from './perf-judgement.ts'

/** How long one round of the loop takes on the machine that limits are meant for, in milliseconds. */
const REFERENCE_MS = 12

const ROUNDS = 7
const HASHES = 4_000

/** How much slower this machine is now than the one that limits are meant for: the median of some rounds of hashing. */
export function calibrated({ monotonic }: World): { loopMs: number; slowness: number } {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const begun = monotonic()
    let bytes = Buffer.alloc(1_024)
    for (let count = 0; count < HASHES; count += 1) {
      bytes = Buffer.concat([createHash('sha256').update(bytes).digest(), bytes.subarray(32)])
    }
    return monotonic() - begun
  })
  const loopMs = median(rounds)
  return { loopMs, slowness: loopMs / REFERENCE_MS }
}
