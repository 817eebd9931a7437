import type { World } from '@tenon/contract'

/** How often may be asked: so many at once, and so many a second after that. */
export type Rate = { perSecond: number; burst: number }

/** Counts how often each asks, by a name. */
export type Throttle = {
  /** Counts one more; answers 0, or after how many milliseconds to ask again when that is too often. */
  take(name: string, rate: Rate): number
}

type Bucket = { left: number; at: number }

export function throttleOf({ monotonic }: Pick<World, 'monotonic'>): Throttle {
  const buckets = new Map<string, Bucket>()
  return {
    take(name, { perSecond, burst }) {
      const now = monotonic()
      const { left, at } = buckets.get(name) ?? { left: burst, at: now }
      const filled = Math.min(burst, left + ((now - at) / 1_000) * perSecond)
      const isFree = filled >= 1
      buckets.set(name, { left: isFree ? filled - 1 : filled, at: now })
      return isFree ? 0 : Math.ceil(((1 - filled) / perSecond) * 1_000)
    },
  }
}
