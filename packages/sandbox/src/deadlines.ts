import type { World } from '@tenon/contract'

/** Runs what is due when its time has come. */
export type Deadlines = {
  /** Gives what calls it off. */
  after(ms: number, work: () => void): () => void
  close(): void
}

type Due = { at: number; work: () => void }

/** One timer of the world stands for all of them, because a timer for each call would cost more than the call. */
export function deadlinesOf(world: World): Deadlines {
  const due = new Set<Due>()
  let wakesAt = Number.POSITIVE_INFINITY
  let sleeping = new AbortController()
  const sleepUntil = (at: number): void => {
    sleeping.abort()
    sleeping = new AbortController()
    wakesAt = at
    world.timer(Math.max(0, at - world.monotonic()), sleeping.signal).then(wake, () => {})
  }
  const wake = (): void => {
    wakesAt = Number.POSITIVE_INFINITY
    const now = world.monotonic()
    for (const one of due) if (one.at <= now && due.delete(one)) one.work()
    const next = Math.min(...[...due].map(({ at }) => at))
    if (next < wakesAt) sleepUntil(next)
  }
  return {
    after(ms, work) {
      const one = { at: world.monotonic() + ms, work }
      due.add(one)
      if (one.at < wakesAt) sleepUntil(one.at)
      return () => void due.delete(one)
    },
    close: () => sleeping.abort(),
  }
}
