import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from './temporary-folder.ts'
import { wallWorld } from './world.ts'

export type TemporaryRepository = {
  folder: string
  /** A world in this folder, whose git reads no settings of the machine. */
  world: ReturnType<typeof wallWorld>
  /** Runs git and gives what it prints, without the line's end. */
  git(...words: string[]): string
  /** Writes these files, commits everything that is in the folder, and gives the commit. */
  commit(files: Readonly<Record<string, string>>, message?: string): string
}

/** A new repository of git, on the branch `main`, without a commit. */
export function temporaryRepository(folder = temporaryFolder()): TemporaryRepository {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.org',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.org',
  }
  const git = (...words: string[]): string =>
    execFileSync('git', words, {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 2 ** 28,
    }).trimEnd()
  mkdirSync(folder, { recursive: true })
  git('init', '-q', '-b', 'main')
  return {
    folder,
    world: wallWorld({ cwd: folder, env }),
    git,
    commit(files, message = 'Change') {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
      git('add', '-A')
      git('commit', '-q', '--allow-empty', '-m', message)
      return git('rev-parse', 'HEAD')
    },
  }
}
