import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { TenonError } from '@tenon/contract'

/** Writes a whole file so that a kill at any moment leaves the old text or the new one. One writer a path. */
export function writeSettled(path: string, text: string, mode: number): void {
  const aside = `${path}.aside`
  rmSync(aside, { force: true })
  const file = openSync(aside, 'wx', mode)
  try {
    writeFileSync(file, text)
  } finally {
    closeSync(file)
  }
  settleFile(aside, path)
}

/** Gives a whole file its name, in place of a file that has it, once it is on disk. */
export function settleFile(aside: string, path: string): void {
  flush(aside)
  renameSync(aside, path)
  flush(dirname(path))
}

/** Runs `work` on the folder's files; what it cannot do is told naming the folder. */
export function writing<T>(folder: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new TenonError('DATA_FOLDER_UNWRITABLE', `${folder}: ${why}`, {
      hint: 'Choose a folder that the user who runs Tenon may write, with --data-dir or TENON_HOME.',
      details: { folder },
      cause,
    })
  }
}

function flush(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
