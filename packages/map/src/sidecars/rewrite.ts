import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { limits, TenonError, type World } from '@tenon/contract'
import { alone, besides, isErrno, unwritable } from './alone.ts'

/** What a sidecar is to hold, given what it holds; undefined is no file before, and leaves all as it is after. */
export type Edit = (before: string | undefined) => string | undefined

/**
 * Rewrites a sidecar while nobody else does, so that a kill at any moment leaves the old text or the new one. Says whether
 * there was something to write. Throws SIDECAR_CHANGED when an editor that knows no lock wrote it meanwhile, and
 * SIDECAR_UNWRITABLE for a symbolic link.
 */
export const rewrite = (path: string, world: World, edit: Edit): Promise<boolean> =>
  alone(path, world, async () => {
    const before = await heldAt(path)
    const after = edit(before?.text)
    if (after === undefined || after === before?.text) return false
    await replace(path, before, after)
    return true
  })

/** Takes a file away while nobody writes it, if `mayGo` still holds then. */
export const remove = (path: string, world: World, mayGo: () => Promise<boolean>): Promise<boolean> =>
  alone(path, world, async () => {
    if (!(await lstat(path)).isFile() || !(await mayGo())) return false
    await rm(path)
    await flush(dirname(path))
    return true
  })

type Held = { text: string; mode: number }

async function heldAt(path: string): Promise<Held | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    return await heldBy(path, file)
  } catch (thrown) {
    if (isErrno(thrown, 'ENOENT')) return undefined
    throw isErrno(thrown, 'ELOOP') ? unwritable(path, 'it is a symbolic link') : thrown
  }
}

async function heldBy(path: string, file: FileHandle): Promise<Held> {
  const stat = await file.stat()
  if (!stat.isFile()) throw unwritable(path, 'it is no file')
  if (stat.size > limits.mapFileBytes) throw unreadable(path, `it has more than ${limits.mapFileBytes} bytes`)
  const bytes = await file.readFile()
  if (!isUtf8(bytes)) throw unreadable(path, 'it is not UTF-8')
  return { text: bytes.toString(), mode: stat.mode & 0o777 }
}

const unreadable = (path: string, why: string): TenonError =>
  new TenonError('SIDECAR_INVALID', `${path} cannot be read: ${why}`, { details: { path } })

async function replace(path: string, before: Held | undefined, text: string): Promise<void> {
  const aside = besides(path, 'aside')
  try {
    await rm(aside, { force: true })
    await writeFlushed(aside, text, before?.mode)
    if ((await heldAt(path))?.text !== before?.text) throw changed(path)
    await rename(aside, path)
    await flush(dirname(path))
  } finally {
    await rm(aside, { force: true })
  }
}

async function writeFlushed(path: string, text: string, mode: number | undefined): Promise<void> {
  await using file = await open(path, 'wx')
  if (mode !== undefined) await file.chmod(mode)
  await file.writeFile(text)
  await file.sync()
}

async function flush(folder: string): Promise<void> {
  await using handle = await open(folder)
  await handle.sync()
}

export const changed = (path: string): TenonError =>
  new TenonError('SIDECAR_CHANGED', `${path} was changed while it was being written`, {
    hint: 'Nothing was written: try again.',
    details: { path },
  })
