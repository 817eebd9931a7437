import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from '@tenon/contract'

/** Where the user ids of a marked world begin: far from those that other tests, with real chance, are likely to get. */
export const MARKED_USERS = 260_000
export const MARK = 'marked'

/** A real world whose sandboxes can be told from all others on the machine. */
export function markedWorld(env: World['env'] = { PATH: process.env['PATH'] }): World {
  let made = 0
  return {
    env,
    cwd: process.cwd(),
    now: () => Date.now(),
    monotonic: () => performance.now(),
    timer: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
    newId: () => `${MARK}-${process.pid}-${(made += 1)}`,
    random: (bytes) => {
      const chance = randomBytes(bytes)
      if (bytes === 4) chance.writeUInt32BE(MARKED_USERS - 200_000)
      return chance
    },
  }
}
