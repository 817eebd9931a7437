import { digestJson } from '@tenon/bundle'
import { lstat, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { TenonError, type Digest } from '@tenon/contract'

export type Fingerprint = { files: number; bytes: number; fingerprint: Digest }

/**
 * What a folder holds, without reading it: path, size, modification and change time of each file. It tells whether
 * anything was touched, since writing sets the change time whatever else is put back.
 */
export async function fingerprintOf(root: string): Promise<Fingerprint> {
  const lines: [string, number, number, number][] = []
  await collect(root, '', lines)
  lines.sort(([a], [b]) => (a < b ? -1 : 1))
  return { files: lines.length, bytes: lines.reduce((sum, [, size]) => sum + size, 0), fingerprint: digestJson(lines) }
}

async function collect(root: string, below: string, lines: [string, number, number, number][]): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory()) await collect(root, path, lines)
    else if (entry.isFile()) {
      const { size, mtimeMs, ctimeMs } = await lstat(join(root, path))
      lines.push([path, size, mtimeMs, ctimeMs])
    }
  }
}

/** The real paths of dataset and output folder; refused when one lies in the other. */
export async function runFolders(dataset: string, out: string): Promise<{ dataset: string; out: string }> {
  const stat = await lstat(dataset).catch(() => undefined)
  if (stat?.isDirectory() !== true && stat?.isSymbolicLink() !== true)
    throw new TenonError('RUN_INPUT_INVALID', `there is no dataset folder ${dataset}`)
  const folders = { dataset: await realpath(dataset), out: await realpath(out) }
  const inside = (inner: string, outer: string): boolean => `${inner}/`.startsWith(`${outer}/`)
  if (inside(folders.out, folders.dataset) || inside(folders.dataset, folders.out))
    throw new TenonError('RUN_OUT_REFUSED', `${out} and ${dataset} lie in each other`, {
      hint: 'Choose an output folder elsewhere.',
    })
  return folders
}
