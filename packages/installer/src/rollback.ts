import { join } from 'node:path'
import { contentStore, readGeneration, writeAside, type Generation } from '@tenon/bundle'
import { TenonError, type Digest, type Disk, type PluginSpec } from '@tenon/contract'
import { changeAlone } from './change-alone.ts'
import { generationFolder, removeLeftovers, switchTo } from './generations.ts'
import { readWorkspace } from './workspace.ts'

/** Throws why these, which would come back, must not. */
export type JudgeReturn = (returning: readonly PluginSpec[]) => Promise<void>

/**
 * Puts the generation that the current one replaced in force again, with the `tenon.json` and `tenon.lock` it had. What is
 * another then than it is now is judged before anything is written.
 */
export const rollback = (disk: Disk, folder: string, judge: JudgeReturn = async () => {}): Promise<Generation> =>
  changeAlone(folder, async () => {
    const { tenonFolder, generation } = await readWorkspace(disk, folder)
    if (generation.before === 0)
      throw new TenonError('ROLLBACK_IMPOSSIBLE', `nothing was installed before generation ${generation.generation}`, {
        hint: 'Run "tenon plugin list" to see what is installed.',
      })
    const previous = await readGeneration(disk, tenonFolder, generation.before)
    const specs = await specsOf(disk, tenonFolder, previous)
    await judge(specs.filter(({ id }) => previous.plugins[id]?.digest !== generation.plugins[id]?.digest))
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
async function specsOf(disk: Disk, tenonFolder: string, { plugins }: Generation): Promise<PluginSpec[]> {
  const store = contentStore(disk, join(tenonFolder, 'store'))
  const specs: PluginSpec[] = []
  for (const { digest } of Object.values(plugins)) specs.push((await store.open(digest as Digest)).bundle.spec)
  return specs
}
