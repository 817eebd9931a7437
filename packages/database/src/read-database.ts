import { existsSync, statSync } from 'node:fs'
import { openReader, openUnchanging, type DatabaseReader } from './database.ts'

/**
 * Reads an existing database as it is at one moment. Where nobody has it open nothing is made beside it, which a reader
 * of SQLite otherwise does and leaves behind. `read` is called again when the file was written meanwhile.
 */
export function readDatabase<T>(path: string, read: (reader: DatabaseReader) => T): T {
  const done = readAtRest(path, read) ?? readAtRest(path, read)
  return done === undefined ? closing(openReader(path), (reader) => atOneMoment(reader, read)) : done.value
}

/** Nothing when the file is open elsewhere, or was written while it was read. */
function readAtRest<T>(path: string, read: (reader: DatabaseReader) => T): { value: T } | undefined {
  const before = stateAtRest(path)
  if (before === undefined) return undefined
  const isSame = (): boolean => stateAtRest(path) === before
  try {
    const value = closing(openUnchanging(path), read)
    return isSame() ? { value } : undefined
  } catch (thrown) {
    // A file that is written meanwhile may look damaged.
    if (isSame()) throw thrown
    return undefined
  }
}

function stateAtRest(path: string): string | undefined {
  if (existsSync(`${path}-wal`)) return undefined
  const state = statSync(path, { bigint: true, throwIfNoEntry: false })
  return state && [state.ino, state.size, state.mtimeNs].join(' ')
}

function atOneMoment<T>(reader: DatabaseReader, read: (reader: DatabaseReader) => T): T {
  reader.get({}, 'BEGIN')
  return read(reader)
}

function closing<T>(reader: DatabaseReader, read: (reader: DatabaseReader) => T): T {
  try {
    return read(reader)
  } finally {
    reader.close()
  }
}
