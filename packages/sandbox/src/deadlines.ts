import type { World } from '@tenon/contract'

/** Runs what is due when its time has come. */
export type Deadlines = {
  /** Gives what calls it off. */
  after(ms: number, work: () => void): () => void
  close(): void
}

type Due = { at: number; work: () => void }
/** Those that wait equally long, and so fall due in the order in which they came. */
type Queue = { due: Set<Due>; isWatched: boolean }

/** One timer of the world stands for all that wait equally long, because a timer for each call would cost more than the call. */
export function deadlinesOf(world: World): Deadlines {
  const queues = new Map<number, Queue>()
  const closed = new AbortController()
  const watch = (queue: Queue, first: Due, ms: number): void => {
    queue.isWatched = true
    world.timer(ms, closed.signal).then(
      () => fallenDue(queue, first),
      () => {},
    )
  }
  const fallenDue = (queue: Queue, first: Due): void => {
    queue.isWatched = false
    const now = world.monotonic()
    for (const one of queue.due) {
      if (one !== first && one.at > now) return queue.isWatched ? undefined : watch(queue, one, one.at - now)
      queue.due.delete(one)
      one.work()
    }
  }
  return {
    after(ms, work) {
      const queue = queues.get(ms) ?? { due: new Set(), isWatched: false }
      queues.set(ms, queue)
      const one = { at: world.monotonic() + ms, work }
      queue.due.add(one)
      if (!queue.isWatched) watch(queue, one, ms)
      return () => void queue.due.delete(one)
    },
    close: () => closed.abort(),
  }
}
