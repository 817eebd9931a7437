import { once } from 'node:events'

/** Asks each plugin by itself, so that none waits for another that does not answer. */
export type HealthPolls = {
  /** Asks from now on, and at once; what was asked for the plugin before is dropped. */
  begin(id: string): void
  end(id: string): void
  /** Lets plugins be asked, these first, until the signal is aborted and nobody is asked any more. */
  run(ids: readonly string[], signal: AbortSignal): Promise<void>
}

/** `poll` asks one plugin again and again until its signal is aborted, and never rejects. */
export function healthPolls(poll: (id: string, signal: AbortSignal) => Promise<void>): HealthPolls {
  const stops = new Map<string, AbortController>()
  const polls = new Set<Promise<void>>()
  let running: AbortSignal | undefined
  const end = (id: string): void => {
    stops.get(id)?.abort()
    stops.delete(id)
  }
  const begin = (id: string): void => {
    end(id)
    if (running === undefined || running.aborted) return
    const stop = new AbortController()
    stops.set(id, stop)
    const mine = poll(id, AbortSignal.any([running, stop.signal])).finally(() => polls.delete(mine))
    polls.add(mine)
  }
  return {
    begin,
    end,
    run: async (ids, signal) => {
      running = signal
      ids.forEach(begin)
      if (!signal.aborted) await once(signal, 'abort')
      await Promise.all(polls)
    },
  }
}
