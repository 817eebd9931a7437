import { closeSync, existsSync, openSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { limits, TenonError } from '@tenon/contract'
import { openReader, type DatabaseReader } from './database.ts'
import { settleFile, writing } from './settled-file.ts'
import { naming, sqliteFault } from './sqlite-fault.ts'

/**
 * Copies a database, as it is at one moment, while others read and write it. The copy is one file of its own, and takes
 * its name, in place of a file that has it, when it was read back and `check` did not throw. Faults name `from`.
 */
export const copyDatabase = (from: string, to: string, check: Check): Promise<void> =>
  settleDatabase({ name: from, fill: (aside) => copyDatabasePages(from, aside) }, to, check)

type Check = (copy: DatabaseReader) => Promise<void>

/** As `copyDatabase`, of what `fill` writes into an empty file. Faults name `name`. */
export async function settleDatabase(
  { name, fill }: { name: string; fill: (aside: string) => Promise<void> },
  to: string,
  check: Check,
): Promise<void> {
  refuseSame(name, to)
  const aside = `${to}.aside`
  removeDatabase(aside)
  try {
    writing(dirname(to), () => closeSync(openSync(aside, 'wx', 0o600)))
    await fill(aside)
    makeOneFile(aside, name)
    await readBack(aside, name, check)
    writing(dirname(to), () => settleFile(aside, to))
  } finally {
    removeDatabase(aside)
  }
}

/** As `copyDatabase`, while the caller waits and without a check. */
export function copyDatabaseNow(from: string, to: string): void {
  const aside = `${to}.aside`
  removeDatabase(aside)
  naming(from, () => {
    using source = new DatabaseSync(from, { readOnly: true, timeout: limits.lockWaitMs })
    source.prepare('VACUUM INTO ?').run(aside)
  })
  writing(dirname(to), () => settleFile(aside, to))
}

/**
 * Gives a whole database file the name of another, which nobody may have open: throws DATA_FOLDER_OWNED when somebody has.
 * One that is damaged is replaced all the same.
 */
export function replaceDatabase(from: string, to: string): void {
  closeLog(to)
  for (const beside of BESIDE) rmSync(`${to}${beside}`, { force: true })
  writing(dirname(to), () => settleFile(from, to))
}

/** Removes a database that nobody may have open: throws DATA_FOLDER_OWNED when somebody has. */
export function dropDatabase(path: string): void {
  closeLog(path)
  removeDatabase(path)
}

/** Only a connection that is alone can leave the write-ahead log. A log that stayed would be taken for that of a new file. */
function closeLog(path: string): void {
  if (!existsSync(path)) return
  try {
    naming(path, () => {
      using database = new DatabaseSync(path, { timeout: limits.lockWaitMs })
      database.exec('PRAGMA journal_mode = DELETE')
    })
  } catch (thrown) {
    if (!(thrown instanceof TenonError && thrown.code === 'DATA_FOLDER_CORRUPT')) throw thrown
  }
}

const BESIDE = ['-wal', '-shm', '-journal']

/** Removes a database file that nobody has open, and what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const beside of ['', ...BESIDE]) rmSync(`${path}${beside}`, { force: true })
}

/** In one step: a copy in several begins again whenever somebody writes meanwhile. */
const ALL_PAGES = 0x7fff_ffff

/** Writes all pages of a database, as they are at one moment, into a file. */
export async function copyDatabasePages(from: string, aside: string): Promise<void> {
  try {
    using source = new DatabaseSync(from, { readOnly: true, timeout: limits.lockWaitMs })
    await backup(source, aside, { rate: ALL_PAGES })
  } catch (thrown) {
    throw sqliteFault(from, thrown)
  }
}

function makeOneFile(aside: string, name: string): void {
  naming(name, () => {
    using copy = new DatabaseSync(aside)
    copy.exec('PRAGMA journal_mode = DELETE')
  })
}

async function readBack(aside: string, from: string, check: (copy: DatabaseReader) => Promise<void>): Promise<void> {
  const copy = openReader(aside, from)
  try {
    await copy.quickCheck()
    await check(copy)
  } finally {
    copy.close()
  }
}

function refuseSame(from: string, to: string): void {
  const [source, target] = [from, to].map((path) => statSync(path, { throwIfNoEntry: false }))
  if (source === undefined || source.ino !== target?.ino || source.dev !== target.dev) return
  throw new TenonError('DATA_FOLDER_UNWRITABLE', `${to} is the very database that is to be copied`, {
    hint: 'Choose another path.',
    details: { path: to },
  })
}
