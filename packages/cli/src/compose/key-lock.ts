import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { limits, TenonError, type World } from '@tenon/contract'
import { takeOwnership, type Ownership } from '@tenon/database'

const WAIT_MS = 20

/** Runs `work` while no other process changes the master keys of this home. Throws DATA_FOLDER_OWNED when one takes too long. */
export async function aloneWithKeys<T>(home: string, world: World, work: () => Promise<T>): Promise<T> {
  const folder = join(home, 'keys')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const until = world.monotonic() + limits.lockWaitMs
  for (;;) {
    const ownership = taken(folder, world, world.monotonic() < until)
    if (ownership === undefined) await world.timer(WAIT_MS)
    else return await work().finally(() => ownership.release())
  }
}

/** Undefined when another process has it and there is time to wait. */
function taken(folder: string, world: World, mayWait: boolean): Ownership | undefined {
  try {
    return takeOwnership(folder, { world })
  } catch (thrown) {
    if (mayWait && thrown instanceof TenonError && thrown.code === 'DATA_FOLDER_OWNED') return undefined
    throw thrown
  }
}
