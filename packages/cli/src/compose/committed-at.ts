import { existsSync } from 'node:fs'
import { openRepository } from '@tenon/bundle'
import { asTenonError, type World } from '@tenon/contract'

/**
 * When the newest commit of the repository that a folder lies in was made, in ms since the epoch: expiry is judged as of
 * then, so that a commit stays as good as it was. Where there is no commit, or no git to tell it, the present counts,
 * which is later.
 */
export async function committedAt(world: World, folder: string): Promise<number> {
  if (!existsSync(folder)) return world.now()
  try {
    const repository = await openRepository({ ...world, cwd: folder })
    return Number(await repository.git('log', '-1', '--format=%ct', 'HEAD')) * 1000
  } catch (thrown) {
    const { code } = asTenonError(thrown)
    if (code === 'REPOSITORY_UNKNOWN' || code === 'GIT_FAILED') return world.now()
    throw thrown
  }
}
