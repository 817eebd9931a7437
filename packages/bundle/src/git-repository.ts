import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { TenonError, type World } from '@tenon/contract'

/** A repository of git with a working tree, and git in it. */
export type Repository = {
  /** The folder of its working tree. */
  folder: string
  /** Runs git with these words and gives what it prints, without the line's end. Throws GIT_FAILED. */
  git(...words: readonly string[]): Promise<string>
  /** Runs git with these words and with `input` to read, and gives the bytes that it prints. Throws GIT_FAILED. */
  bytes(words: readonly string[], input?: string): Promise<Buffer>
}

/** What git is run with. */
type Surroundings = Pick<World, 'cwd' | 'env'>

/** The repository that the working directory is in. Throws REPOSITORY_UNKNOWN, or GIT_FAILED when there is no git. */
export async function openRepository(world: Surroundings): Promise<Repository> {
  const ceilings = (world.env['GIT_CEILING_DIRECTORIES'] ?? '').split(delimiter)
  const folder = workingTree(realpathSync(world.cwd), ceilings)
  if (folder === undefined)
    throw new TenonError('REPOSITORY_UNKNOWN', `${world.cwd} is in no git repository`, { hint: 'Run "git init".' })
  const bytes: Repository['bytes'] = (words, input = '') => runGit(world, folder, words, input)
  const git: Repository['git'] = async (...words) => (await bytes(words)).toString('utf8').replace(/\n$/, '')
  await git('--version')
  return { folder, git, bytes }
}

/** Looked for as git does, which goes up into no folder that is a ceiling. */
function workingTree(folder: string, ceilings: readonly string[]): string | undefined {
  if (existsSync(join(folder, '.git'))) return folder
  const above = dirname(folder)
  return above === folder || ceilings.includes(above) ? undefined : workingTree(above, ceilings)
}

/** From the top of the working tree, for which the variables are meant that git gives to its hooks. */
async function runGit({ env }: Surroundings, cwd: string, words: readonly string[], input: string): Promise<Buffer> {
  const child = spawn('git', ['--literal-pathspecs', ...words], { cwd, env })
  // Git may end before it has read everything, which its exit status tells.
  child.stdin.on('error', () => undefined).end(input)
  const exit = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  try {
    const [status, printed, complaint] = await Promise.all([exit, buffer(child.stdout), text(child.stderr)])
    if (status === 0) return printed
    throw new TenonError('GIT_FAILED', `git failed: ${complaint.trim() || String(status)}`)
  } catch (cause) {
    if (Object(cause).code !== 'ENOENT') throw cause
    throw new TenonError('GIT_FAILED', 'there is no git on the PATH', { cause })
  }
}
