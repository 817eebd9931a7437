import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readPluginFolder, relevantReleases, specOf, type Release } from '@tenon/authoring'
import { nodeDisk, openRepository, type Repository } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'

/** The releases that the next version of a plugin has to agree with, by the tags of the repository that its folder lies in. */
export async function releasesOf(world: World, root: string): Promise<Release[]> {
  if (!existsSync(join(root, 'plugin.spec.json'))) return []
  const { spec } = specOf(await readPluginFolder(nodeDisk, root))
  const repository = spec === undefined ? undefined : await repositoryOf(world, root)
  if (spec === undefined || repository === undefined) return []
  return relevantReleases(repository, spec, root)
}

/** The repository that a folder lies in; undefined when it lies in none. */
export async function repositoryOf(world: World, cwd: string): Promise<Repository | undefined> {
  try {
    return await openRepository({ ...world, cwd })
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'REPOSITORY_UNKNOWN') return undefined
    throw thrown
  }
}
