import { asTenonError, limits, type World } from '@tenon/contract'
import type { Storage } from '@tenon/storage'

export type SweepPorts = {
  world: World
  storage: Storage
  log: (plugin: string, level: string, message: string) => void
}

/** Frees what has expired in the storage, again and again, until the answer is called. */
export function startSweeping({ world, storage, log }: SweepPorts): () => Promise<void> {
  const stop = new AbortController()
  const sweep = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      // One sweep that fails, as when the disk is full, does not end the sweeping.
      await storage.sweep().catch((thrown: unknown) => log('storage', 'error', asTenonError(thrown).message))
      await world.timer(limits.kvSweepMs, stop.signal).catch(() => undefined)
    }
  }
  const swept = sweep()
  return async () => {
    stop.abort()
    await swept
  }
}
