import { join } from 'node:path'
import { contentStore, readGeneration, writeAside, type Generation } from '@tenon/bundle'
import { TenonError, type Digest, type Disk } from '@tenon/contract'
import { changeAlone } from './change-alone.ts'
import { generationFolder, removeLeftovers, switchTo } from './generations.ts'
import { readWorkspace } from './workspace.ts'

/** Puts the generation that the current one replaced in force again, with the `tenon.json` and `tenon.lock` it had. */
export const rollback = (disk: Disk, folder: string): Promise<Generation> =>
  changeAlone(folder, async () => {
    const { tenonFolder, generation } = await readWorkspace(disk, folder)
    if (generation.before === 0)
      throw new TenonError('ROLLBACK_IMPOSSIBLE', `nothing was installed before generation ${generation.generation}`, {
        hint: 'Run "tenon plugin list" to see what is installed.',
      })
    const previous = await readGeneration(disk, tenonFolder, generation.before)
    await refuseDamaged(disk, tenonFolder, previous)
    await removeLeftovers(disk, folder, tenonFolder)
    for (const name of ['tenon.json', 'tenon.lock']) {
      const text = await disk.read(join(generationFolder(tenonFolder, previous.generation), name))
      if (text === undefined)
        throw new TenonError('DATA_FOLDER_CORRUPT', `generation ${previous.generation} has no ${name}`)
      await writeAside(disk, join(folder, name), text)
    }
    await switchTo(disk, tenonFolder, previous.generation)
    return previous
  })

/** A generation whose content is gone or damaged must not come into force. */
async function refuseDamaged(disk: Disk, tenonFolder: string, { plugins }: Generation): Promise<void> {
  const store = contentStore(disk, join(tenonFolder, 'store'))
  for (const { digest } of Object.values(plugins)) await store.open(digest as Digest)
}
