import {
  chmod,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  lstat,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Disk } from '@tenon/contract'

/** The real file system. */
export const nodeDisk: Disk = {
  read: (path) => orUndefined(readFile(path)),
  stream: async (path) => (await orUndefined(open(path, 'r')))?.createReadStream(),
  list: async (folder) => ((await orUndefined(readdir(folder))) ?? []).sort(),
  kind: async (path) => {
    const stat = await orUndefined(lstat(path))
    if (stat === undefined) return undefined
    if (stat.isSymbolicLink()) return 'link'
    if (stat.isDirectory()) return 'folder'
    return stat.isFile() ? 'file' : 'other'
  },
  readLink: (path) => orUndefined(readlink(path)),
  identity: async (path) => {
    const stat = await orUndefined(lstat(path, { bigint: true }))
    return stat && [stat.dev, stat.ino, stat.mode, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ')
  },
  write: (path, bytes, mode = 0o644) => writeFile(path, bytes, { mode }),
  writeNew: async (path, bytes, mode) => {
    const aside = `${path}.aside`
    await rm(aside, { force: true })
    await writeFile(aside, bytes, { mode, flush: true })
    try {
      // What the process keeps from files that it makes says nothing of this one.
      await chmod(aside, mode)
      await link(aside, path)
    } finally {
      await rm(aside)
    }
  },
  flush: async (path) => {
    const handle = await open(path, 'r')
    await handle.sync().finally(() => handle.close())
  },
  rename: (from, to) => rename(from, to),
  makeFolder: async (path, mode = 0o755) => void (await mkdir(path, { recursive: true, mode })),
  makeLink: (target, path) => symlink(target, path),
  remove: (path) => rm(path, { recursive: true, force: true }),
}

/** Replaces a file so that a kill leaves the old bytes or the new ones, never anything between. */
export async function writeAside(disk: Disk, path: string, bytes: Uint8Array | string, mode?: number): Promise<void> {
  const aside = `${path}.aside`
  await disk.makeFolder(dirname(path))
  await disk.remove(aside)
  await disk.write(aside, typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, mode)
  await disk.flush(aside)
  await disk.rename(aside, path)
  await disk.flush(dirname(path))
}

async function orUndefined<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR'))
      return undefined
    throw thrown
  }
}
