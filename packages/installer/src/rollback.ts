import { join } from 'node:path'
import { contentStore, readGeneration, writeAside, type Generation } from '@tenon/bundle'
import { TenonError, type Digest, type Disk } from '@tenon/contract'
import { switchTo } from './apply.ts'
import { readWorkspace } from './workspace.ts'

/** Puts the generation before the current one in force again, with the `tenon.json` and `tenon.lock` it was made from. */
export async function rollback(disk: Disk, folder: string): Promise<Generation> {
  const { tenonFolder, generation } = await readWorkspace(disk, folder)
  const before = await generationBefore(disk, tenonFolder, generation.generation)
  if (before === undefined)
    throw new TenonError('ROLLBACK_IMPOSSIBLE', `nothing was installed before generation ${generation.generation}`, {
      hint: 'Run "tenon plugin list" to see what is installed.',
    })
  const previous = await readGeneration(disk, tenonFolder, before)
  const store = contentStore(disk, join(tenonFolder, 'store'))
  // A generation whose content is gone or damaged must not come into force.
  for (const { digest } of Object.values(previous.plugins)) await store.open(digest as Digest)
  for (const name of ['tenon.json', 'tenon.lock']) {
    const text = await disk.read(join(tenonFolder, 'generations', String(before), name))
    if (text === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `generation ${before} has no ${name}`)
    await writeAside(disk, join(folder, name), text)
  }
  await switchTo(disk, tenonFolder, before)
  return previous
}

async function generationBefore(disk: Disk, tenonFolder: string, current: number): Promise<number | undefined> {
  const numbers = (await disk.list(join(tenonFolder, 'generations')))
    .filter((name) => /^[1-9][0-9]*$/.test(name))
    .map(Number)
  return numbers
    .filter((number) => number < current)
    .toSorted((a, b) => a - b)
    .at(-1)
}
