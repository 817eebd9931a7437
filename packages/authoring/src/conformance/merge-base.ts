import { realpath } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Repository } from '@tenon/bundle'
import { TenonError } from '@tenon/contract'
import { committedFolder, type PluginFolder } from '../folder/plugin-folder.ts'

/** Names of the branch that work is merged into, as one finds them in clones and where the work is done. */
const TRUNKS = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master']

/** The commit at which the present work left the trunk; undefined where there is no trunk. */
async function mergeBase({ git }: Repository): Promise<string | undefined> {
  for (const trunk of TRUNKS) {
    const found = await git('merge-base', 'HEAD', trunk).catch(unlessGitFails)
    if (found !== undefined) return found
  }
  return undefined
}

/** A plugin's folder as it was when the present work left the trunk; undefined when it was not there yet, or nobody can tell. */
export async function folderAtMergeBase(
  repository: Repository,
  root: string,
): Promise<{ commit: string; folder: PluginFolder | undefined } | undefined> {
  const commit = await mergeBase(repository)
  if (commit === undefined) return undefined
  const path = relative(await realpath(repository.folder), await realpath(root))
  const folder = await committedFolder(repository, commit, path)
  return { commit, folder: folder.files.length === 0 ? undefined : folder }
}

function unlessGitFails(thrown: unknown): undefined {
  if (thrown instanceof TenonError && thrown.code === 'GIT_FAILED') return undefined
  throw thrown
}
