import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/** The plugin's own SQLite file. It holds data of persons and a token, so that only its owner may read it. */
export function openDatabase(path: string): DatabaseSync {
  closeSync(openSync(path, 'a', 0o600))
  const database = new DatabaseSync(path)
  // It belongs to one process, and what was answered for is on the disk.
  database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
  return database
}
