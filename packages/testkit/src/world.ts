import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonicFactory } from 'ulid'
import type { World } from '@tenon/contract'

export type SimulatedWorld = World & {
  /** Moves the clock and settles the timers that fall due, in order. */
  advance(ms: number): Promise<void>
}

/** A world in which time passes only by `advance` and chance comes from the seed. */
export function simulatedWorld(seed: number, surroundings: Partial<Pick<World, 'env' | 'cwd'>> = {}): SimulatedWorld {
  const random = generator(seed)
  const newUlid = monotonicFactory(random)
  const timers: { due: number; settle: () => void }[] = []
  let now = Date.UTC(2026, 0, 1)
  return {
    env: surroundings.env ?? {},
    cwd: surroundings.cwd ?? '/',
    now: () => now,
    monotonic: () => now,
    newId: () => newUlid(now),
    random: (bytes) => Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256)),
    timer: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason)
        timers.push({ due: now + ms, settle: resolve })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      }),
    async advance(ms) {
      now += ms
      for (const timer of timers.splice(0).sort((a, b) => a.due - b.due))
        if (timer.due <= now) timer.settle()
        else timers.push(timer)
      await sleep(0)
    },
  }
}

/** The real clock and chance, for tests that run real processes. */
export function wallWorld(surroundings: Partial<Pick<World, 'env' | 'cwd'>> = {}): World {
  const newUlid = monotonicFactory()
  return {
    env: surroundings.env ?? { PATH: process.env['PATH'] },
    cwd: surroundings.cwd ?? process.cwd(),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    newId: () => newUlid(),
    random: (bytes) => randomBytes(bytes),
    timer: (ms, signal) => sleep(ms, undefined, { signal, ref: false }),
  }
}

/** mulberry32. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
