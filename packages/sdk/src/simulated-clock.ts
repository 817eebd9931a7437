import { PluginError } from './plugin.ts'

/** A clock that stands still until it is moved. */
export type SimulatedClock = {
  now(): number
  advance(ms: number): void
  /** Rings when the clock has moved on by so many milliseconds, unless the answer is called before. */
  after(ms: number, ring: () => void): () => void
}

export function simulatedClock(): SimulatedClock {
  const timers = new Set<{ due: number; ring: () => void }>()
  let now = 0
  return {
    now: () => now,
    after(ms, ring) {
      const timer = { due: now + ms, ring }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance(ms) {
      now += ms
      for (const timer of timers)
        if (timer.due <= now) {
          timers.delete(timer)
          timer.ring()
        }
    },
  }
}

/** What the work comes to, or CALL_TIMEOUT when the clock has moved on by `ms` before that. */
export async function within<T>(clock: SimulatedClock, ms: number, what: string, work: () => T): Promise<Awaited<T>> {
  const late = Promise.withResolvers<never>()
  const fail = (): void => late.reject(new PluginError('CALL_TIMEOUT', `${what} was not answered within ${ms} ms`))
  const cancel = clock.after(ms, fail)
  try {
    return await Promise.race([(async () => work())(), late.promise])
  } finally {
    cancel()
  }
}
