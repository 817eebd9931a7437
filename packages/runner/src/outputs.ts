import { digesting, nodeDisk } from '@tenon/bundle'
import { constants } from 'node:fs'
import { lstat, open, readdir } from 'node:fs/promises'
import { join, matchesGlob } from 'node:path'
import { TenonError, type Description, type Digest } from '@tenon/contract'

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

/** Brings a stage's files to the medium and puts it where it is wanted, which must be free. */
export async function publish(stage: string, target: string): Promise<void> {
  if ((await nodeDisk.kind(target)) !== undefined)
    throw new TenonError('RUN_OUT_REFUSED', `${target} exists already`, { hint: 'Choose another --out, or remove it.' })
  await flushTree(stage)
  await nodeDisk.rename(stage, target)
  await nodeDisk.flush(join(target, '..'))
}

async function flushTree(folder: string): Promise<void> {
  for (const name of await nodeDisk.list(folder)) {
    const path = join(folder, name)
    if ((await nodeDisk.kind(path)) === 'folder') await flushTree(path)
    else await nodeDisk.flush(path)
  }
  await nodeDisk.flush(folder)
}
