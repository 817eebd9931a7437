import { basename, dirname, join } from 'node:path'
import { inTurnEach, limits, messageOf, TenonError, type World } from '@tenon/contract'
import { takePassingLock, type PassingLock } from '@tenon/database'

const WAIT_MS = 5

const turns = inTurnEach()

/** Runs `work` while nobody else, in any process, works on the file at `path`. Throws SIDECAR_BUSY when that takes too long. */
export const alone = <T>(path: string, world: World, work: () => Promise<T>): Promise<T> =>
  turns(path, async () => {
    try {
      const lock = await lockOf(path, world)
      return await work().finally(() => lock.release())
    } catch (thrown) {
      throw thrown instanceof Error && 'syscall' in thrown ? unwritable(path, thrown.message, thrown) : thrown
    }
  })

async function lockOf(path: string, world: World): Promise<PassingLock> {
  const until = world.monotonic() + limits.lockWaitMs
  for (;;) {
    const lock = taken(path)
    if (lock !== undefined) return lock
    if (world.monotonic() >= until) throw held(path)
    await world.timer(WAIT_MS)
  }
}

function taken(path: string): PassingLock | undefined {
  try {
    return takePassingLock(besides(path, 'lock'))
  } catch (cause) {
    throw unwritable(path, messageOf(cause), cause)
  }
}

/** The name of a file that lies beside another for a moment. No scan takes it for a file of its own. */
export const besides = (path: string, what: string): string => join(dirname(path), `.${basename(path)}.${what}`)

const held = (path: string): TenonError =>
  new TenonError('SIDECAR_BUSY', `another process has written ${path} for ${limits.lockWaitMs} ms`, {
    hint: 'Nothing was written: end that process, or try again.',
    details: { path },
  })

export const unwritable = (path: string, why: string, cause?: unknown): TenonError =>
  new TenonError('SIDECAR_UNWRITABLE', `${path} cannot be written: ${why}`, { details: { path }, cause })

export const isErrno = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code
