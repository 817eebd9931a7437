import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { TenonError, type World } from '@tenon/contract'

/** A repository of git with a working tree, and git in it. */
export type Repository = {
  /** The folder of its working tree. */
  folder: string
  /** Runs git with these words and gives what it prints, without the line's end. Throws GIT_FAILED. */
  git(...words: readonly string[]): Promise<string>
}

/** The repository that the working directory is in. Throws REPOSITORY_UNKNOWN, or GIT_FAILED when there is no git. */
export async function openRepository(world: World): Promise<Repository> {
  const ceilings = (world.env['GIT_CEILING_DIRECTORIES'] ?? '').split(delimiter)
  const folder = workingTree(realpathSync(world.cwd), ceilings)
  if (folder === undefined)
    throw new TenonError('REPOSITORY_UNKNOWN', `${world.cwd} is in no git repository`, { hint: 'Run "git init".' })
  const git = (...words: readonly string[]): Promise<string> => runGit(world, folder, words)
  await git('--version')
  return { folder, git }
}

/** Looked for as git does, which goes up into no folder that is a ceiling. */
function workingTree(folder: string, ceilings: readonly string[]): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const above = dirname(folder)
  return above === folder || ceilings.includes(above) ? undefined : workingTree(above, ceilings)
}

const run = promisify(execFile)

/** From the top of the working tree, for which the variables are meant that git gives to its hooks. */
async function runGit({ env }: World, cwd: string, words: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('git', ['--literal-pathspecs', ...words], { cwd, env })
    return stdout.replace(/\n$/, '')
  } catch (cause) {
    throw new TenonError('GIT_FAILED', whyOf(cause), { cause })
  }
}

function whyOf(thrown: unknown): string {
  const { code, stderr = '' } = Object(thrown) as { code?: unknown; stderr?: string }
  if (code === 'ENOENT') return 'there is no git on the PATH'
  return `git failed: ${stderr.trim() || String(code)}`
}
