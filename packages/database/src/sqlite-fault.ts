import { TenonError } from '@tenon/contract'

/** What SQLite says of a failure; `errcode` is its extended result code. */
export type SqliteFailure = { message: string; errcode: number }

const BUSY = [5, 6]
const UNWRITABLE = [3, 8, 10, 13, 14]
const CORRUPT = [11, 26]

/** A fault of the world as a TenonError that names the file; anything else, such as a constraint, stays as it was thrown. */
export function sqliteFault(path: string, thrown: unknown): unknown {
  if (!isSqliteFailure(thrown)) return thrown
  const primary = thrown.errcode & 0xff
  const options = (hint: string) => ({ hint, details: { path }, cause: thrown })
  if (CORRUPT.includes(primary))
    return new TenonError('DATA_FOLDER_CORRUPT', `${path}: ${thrown.message}`, options('Restore it from a backup.'))
  if (UNWRITABLE.includes(primary))
    return new TenonError(
      'DATA_FOLDER_UNWRITABLE',
      `${path}: ${thrown.message}`,
      options('Check that the folder exists, has free space, and belongs to the user who runs Tenon.'),
    )
  if (BUSY.includes(primary))
    return new TenonError(
      'DATA_FOLDER_OWNED',
      `${path}: ${thrown.message}`,
      options('Another process holds the file: wait for it or stop it.'),
    )
  return thrown
}

/** Runs `work` on the database at `path`, naming the file in what it throws. */
export function naming<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw sqliteFault(path, thrown)
  }
}

const isSqliteFailure = (thrown: unknown): thrown is SqliteFailure & Error =>
  thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number'

/** Whether another connection holds what is asked for. */
export const isBusy = (thrown: unknown): boolean => isSqliteFailure(thrown) && (thrown.errcode & 0xff) === 5
