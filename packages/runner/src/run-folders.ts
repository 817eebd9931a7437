import type { Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { asTenonError, TenonError, type Disk } from '@tenon/contract'

/** The real paths of what a run reads and writes. */
export type RunFolders = { dataset: string; out: string; work: string | null }

/**
 * Finds the dataset and makes the folders for outputs and scratch files. None may lie in another: the dataset is never
 * written, and a plugin must not reach the records beside its outputs. Before that is known nothing is made.
 */
export async function runFolders(disk: Disk, wanted: RunFolders): Promise<RunFolders> {
  const folders: RunFolders = {
    dataset: await datasetAt(wanted.dataset),
    out: await naming(wanted.out, placeOf),
    work: wanted.work === null ? null : await naming(wanted.work, placeOf),
  }
  refuseNested(folders)
  for (const folder of [folders.out, folders.work])
    if (folder !== null) await naming(folder, (path) => disk.makeFolder(path))
  return folders
}

/** A link among the outputs could lead into the dataset, or to what is somebody's. */
export async function refuseLinks(disk: Disk, folders: readonly string[]): Promise<void> {
  for (const folder of folders)
    if ((await disk.kind(folder)) === 'link')
      throw new TenonError('RUN_OUT_REFUSED', `${folder} is a link, and could lead anywhere`, {
        hint: 'Remove it, or choose another --out.',
      })
}

async function datasetAt(path: string): Promise<string> {
  const facts = await stat(path).catch((cause: unknown): Stats => refuseDataset(path, cause))
  return facts.isDirectory() ? realpath(path) : refuseDataset(path)
}

function refuseDataset(path: string, cause?: unknown): never {
  throw new TenonError('RUN_INPUT_INVALID', `there is no dataset folder ${path}`, { cause })
}

async function naming<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  try {
    return await work(path)
  } catch (cause) {
    throw new TenonError('RUN_OUT_REFUSED', `${path} cannot be made: ${asTenonError(cause).message}`, {
      hint: 'Choose a folder that you may write.',
      cause,
    })
  }
}

/** Where a path leads: the part that is there as it really is, and the part that is still to be made. */
async function placeOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (thrown) {
    const isAbsent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT'
    if (!isAbsent || path === dirname(path)) throw thrown
    return join(await placeOf(dirname(path)), basename(path))
  }
}

function refuseNested(folders: RunFolders): void {
  const all = Object.entries(folders).filter((entry): entry is [string, string] => entry[1] !== null)
  for (const [name, folder] of all)
    for (const [otherName, other] of all)
      if (name !== otherName && isInside(folder, other))
        throw new TenonError('RUN_OUT_REFUSED', `${folder} (${name}) lies in ${other} (${otherName})`, {
          hint: 'Dataset, outputs and scratch files need folders apart from each other.',
        })
}

const isInside = (inner: string, outer: string): boolean => !/^\.\.(\/|$)/.test(relative(outer, inner))
