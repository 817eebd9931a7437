import { digesting } from '@tenon/bundle'
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { dirname, join, matchesGlob } from 'node:path'
import { TenonError, type Description, type Digest, type Disk } from '@tenon/contract'

export type Output = { path: string; size: number; sha256: Digest }

/** Lists what a run wrote. Only regular files and folders may come out of a sandbox. */
export async function harvest(stage: string): Promise<Output[]> {
  const outputs: Output[] = []
  await collect(stage, '', outputs)
  return outputs.toSorted((a, b) => (a.path < b.path ? -1 : 1))
}

async function collect(stage: string, below: string, outputs: Output[]): Promise<void> {
  for (const name of (await readdir(join(stage, below))).sort()) {
    const path = below === '' ? name : `${below}/${name}`
    const stat = await lstat(join(stage, path))
    if (stat.isDirectory()) await collect(stage, path, outputs)
    else if (stat.isFile() && stat.nlink === 1) outputs.push(await outputOf(stage, path))
    else throw new TenonError('RUN_OUTPUT_INVALID', `the output ${path} is neither a plain file nor a folder`)
  }
}

async function outputOf(stage: string, path: string): Promise<Output> {
  const handle = await open(join(stage, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  const passing = digesting(handle.createReadStream())
  for await (const _chunk of passing.bytes);
  const { digest, size } = passing.seen()
  return { path, size, sha256: digest }
}

/** Refuses a run that did not write what its spec says is always written. */
export function refuseMissing(description: Description, outputs: readonly Output[]): void {
  for (const { name, globs, required } of description.dataset?.outputs ?? []) {
    if (required !== true || outputs.some(({ path }) => globs.some((glob) => matchesGlob(path, glob)))) continue
    throw new TenonError('RUN_OUTPUT_INVALID', `the output "${name}" (${globs.join(', ')}) was not written`)
  }
}

/** What is there already is somebody's; a run never replaces it. */
export async function refuseTaken(disk: Disk, target: string): Promise<void> {
  if ((await disk.kind(target)) !== undefined) taken(target)
}

function taken(target: string, cause?: unknown): never {
  throw new TenonError('RUN_OUT_REFUSED', `${target} exists already`, {
    hint: 'Choose another --out, or remove it.',
    cause,
  })
}

/** Brings a stage's files to the medium and puts it where it is wanted, which must be free. */
export async function publish(disk: Disk, stage: string, target: string): Promise<void> {
  await disk.makeFolder(dirname(target))
  await flushTree(disk, stage)
  await refuseTaken(disk, target)
  try {
    await disk.rename(stage, target)
  } catch (cause) {
    const isTaken = cause instanceof Error && 'code' in cause && ['EEXIST', 'ENOTEMPTY'].includes(String(cause.code))
    throw isTaken ? taken(target, cause) : cause
  }
  await disk.flush(dirname(target))
}

async function flushTree(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.list(folder)) {
    const path = join(folder, name)
    if ((await disk.kind(path)) === 'folder') await flushTree(disk, path)
    else await disk.flush(path)
  }
  await disk.flush(folder)
}
