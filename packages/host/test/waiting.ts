import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until the check no longer throws; then its answer, or after a minute its last error. */
export async function eventually<T>(check: () => Promise<T> | T): Promise<T> {
  const deadline = performance.now() + 60_000
  for (;;)
    try {
      return await check()
    } catch (thrown) {
      if (performance.now() > deadline) throw thrown
      await sleep(10)
    }
}
