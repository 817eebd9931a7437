import type { World } from '@tenon/contract'

/** What may be used as time goes by: so much for each millisecond, and a burst after a rest. */
export type Allowance = { perMs: number; burst: number }

/** Tells, from all that was used so far, how much is in credit; what is below zero was used too early. */
export function creditOf(world: World, { perMs, burst }: Allowance): (used: number) => number {
  let credit = burst
  let before = { at: world.monotonic(), used: 0 }
  return (used) => {
    const at = world.monotonic()
    // A walk that comes when processes are ending misses what they had used.
    const more = Math.max(0, used - before.used)
    credit = Math.min(burst, credit + (at - before.at) * perMs - more)
    before = { at, used: before.used + more }
    return credit
  }
}

/** Looks in a row, or nearly, in which a tree was held back before that is worth an event: a start alone may do it for some. */
const SUSTAINED_LOOKS = 10

/** Calls when something has gone on for a while, and again only after it was over. */
export function sustained(event: () => void): (isSo: boolean) => void {
  let looks = 0
  let isTold = false
  return (isSo) => {
    looks = Math.min(SUSTAINED_LOOKS, Math.max(0, looks + (isSo ? 1 : -1)))
    if (looks === SUSTAINED_LOOKS && !isTold) event()
    isTold = looks === SUSTAINED_LOOKS || (isTold && looks > 0)
  }
}
