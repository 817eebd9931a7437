import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a whole file so that a kill at any moment leaves the old text or the new one. One writer a path. */
export function writeSettled(path: string, text: string, mode: number): void {
  const aside = `${path}.aside`
  rmSync(aside, { force: true })
  const file = openSync(aside, 'wx', mode)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(aside, path)
  flushFolder(dirname(path))
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
