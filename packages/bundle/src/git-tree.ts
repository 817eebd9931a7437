import { assert } from '@tenon/contract'
import type { Repository } from './git-repository.ts'

/** A file of a commit. `object` names its bytes; `mode` is git's, `100644` for a plain file and `120000` for a link. */
export type GitFile = { path: string; mode: string; object: string }

/** The files of a commit or tree below a folder, in the order of their paths. Nothing of the working tree is read. */
export async function gitTree({ bytes }: Repository, revision: string, under = ''): Promise<GitFile[]> {
  const folder = under === '' ? [] : ['--', under]
  const listed = await bytes(['ls-tree', '-r', '-z', '--full-tree', revision, ...folder])
  return listed
    .toString('utf8')
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const named = entry.indexOf('\t')
      const [mode = '', , object = ''] = entry.slice(0, named).split(' ')
      return { path: entry.slice(named + 1), mode, object }
    })
}

/** The bytes of an object that `gitBlobs` was asked for. */
export function blobOf(blobs: ReadonlyMap<string, Buffer>, object: string): Buffer {
  const bytes = blobs.get(object)
  assert(bytes !== undefined, `${object} was read`)
  return bytes
}

/** The bytes of objects, by their names, read by one process. Throws GIT_FAILED. */
export async function gitBlobs({ bytes }: Repository, objects: Iterable<string>): Promise<Map<string, Buffer>> {
  const names = [...new Set(objects)]
  const read = new Map<string, Buffer>()
  if (names.length === 0) return read
  const batch = await bytes(['cat-file', '--batch'], names.map((name) => `${name}\n`).join(''))
  let at = 0
  for (const name of names) {
    const end = batch.indexOf(10, at)
    const [, kind, size] = batch.toString('utf8', at, end).split(' ')
    assert(kind === 'blob', `${name} is listed as a blob`)
    read.set(name, batch.subarray(end + 1, end + 1 + Number(size)))
    at = end + 2 + Number(size)
  }
  return read
}
