import { digestJson } from '@tenon/bundle'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { asTenonError, TenonError, type Digest } from '@tenon/contract'

export type Fingerprint = { files: number; bytes: number; fingerprint: Digest }

type Line = [path: string, size: number, modifiedMs: number, changedMs: number]

/**
 * What a folder holds, without reading it: path, size, modification and change time of each file and link. It tells
 * whether anything was touched, since writing sets the change time whatever else is put back.
 */
export async function fingerprintOf(root: string): Promise<Fingerprint> {
  const lines: Line[] = []
  try {
    await collect(root, '', lines)
  } catch (cause) {
    throw new TenonError('RUN_INPUT_INVALID', `the dataset cannot be read: ${asTenonError(cause).message}`, { cause })
  }
  lines.sort(([a], [b]) => (a < b ? -1 : 1))
  return { files: lines.length, bytes: lines.reduce((sum, [, size]) => sum + size, 0), fingerprint: digestJson(lines) }
}

async function collect(root: string, below: string, lines: Line[]): Promise<void> {
  for (const entry of await readdir(join(root, below), { withFileTypes: true })) {
    const path = join(below, entry.name)
    if (entry.isDirectory()) await collect(root, path, lines)
    else {
      const { size, mtimeMs, ctimeMs } = await lstat(join(root, path))
      lines.push([path, size, mtimeMs, ctimeMs])
    }
  }
}
