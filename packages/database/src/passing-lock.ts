import { closeSync, constants, fstatSync, openSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { isBusy, naming } from './sqlite-fault.ts'

/** The right to go on, held until `release` or until the process is gone, however it ends. */
export type PassingLock = { release(): void }

/** A lock dies with its connection, and a connection that nothing refers to is collected. */
const held = new Set<DatabaseSync>()

/**
 * Takes the lock that the file at `path` stands for, which is made for it and taken away with it; undefined while somebody
 * has it. One taker a path in this process, for closing one handle of a file drops the locks of all. Throws what the file
 * system says where no file can be made, ELOOP for a symbolic link.
 */
export function takePassingLock(path: string): PassingLock | undefined {
  const handle = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  const db = new DatabaseSync(path, { timeout: 0 })
  const close = (): void => {
    db.close()
    closeSync(handle)
  }
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (thrown) {
    const passed = isBusy(thrown) || !isAt(path, handle)
    close()
    return passed ? undefined : naming(path, () => rethrow(thrown))
  }
  if (!isAt(path, handle)) {
    close()
    return undefined
  }
  held.add(db)
  return {
    release() {
      rmSync(path, { force: true })
      held.delete(db)
      close()
    },
  }
}

function rethrow(thrown: unknown): never {
  throw thrown
}

/** Whether the file that was opened bears the name still: who had the lock before takes the file away. */
function isAt(path: string, handle: number): boolean {
  const [named, opened] = [statSync(path, { throwIfNoEntry: false }), fstatSync(handle)]
  return named?.ino === opened.ino && named.dev === opened.dev
}
