import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { nodeDisk, openRepository, writeAside, type Repository } from '@tenon/bundle'
import { messageOf, TenonError, type World } from '@tenon/contract'

/** What becomes of a git hook: its whole text, and whether it is made, added to, or has all that it needs. */
export type HookPlan = { target: string; content: string; mode: number; status: 'installed' | 'appended' | 'unchanged' }

/** Where the hook of this project goes, and what it is to hold. Throws REPOSITORY_UNKNOWN, GIT_FAILED or HOOK_REFUSED. */
export async function planHook(world: World): Promise<HookPlan> {
  const repository = await openRepository(world)
  const target = join(await hooksFolder(repository), 'pre-commit')
  const block = blockFor(relative(repository.folder, await realpath(world.cwd)))
  const held = await heldAt(target)
  if (held === undefined) return { target, content: `#!/bin/sh\n${block}`, mode: 0o755, status: 'installed' }
  const { text, mode } = held
  if (text.includes(BEGIN)) return { target, content: text, mode, status: 'unchanged' }
  return { target, content: `${text.replace(/\n?$/, '\n')}${block}`, mode, status: 'appended' }
}

export async function writeHook({ target, content, mode, status }: HookPlan): Promise<void> {
  if (status === 'unchanged') return
  try {
    await writeAside(nodeDisk, target, content, mode)
  } catch (cause) {
    throw refused(target, `it cannot be written: ${messageOf(cause)}`)
  }
}

/** Where git looks for hooks, unless other repositories share it. */
async function hooksFolder({ folder, git }: Repository): Promise<string> {
  const hooks = resolve(folder, await git('rev-parse', '--git-path', 'hooks'))
  const own = [folder, resolve(folder, await git('rev-parse', '--git-common-dir'))]
  const place = await realPlace(hooks)
  for (const root of own) if (isWithin(await realpath(root), place)) return hooks
  throw refused(hooks, 'it lies outside of the repository, which may share it with others (core.hooksPath)')
}

/** Where a path leads that need not be there yet. */
const realPlace = (path: string): Promise<string> =>
  realpath(path).catch(async () => join(await realPlace(dirname(path)), relative(dirname(path), path)))

const isWithin = (folder: string, path: string): boolean => !/^\.\.(\/|$)/.test(relative(folder, path))

/** A script whose last line ends it, so that nothing after it is run. */
const ENDS = /(?:^|\n)[ \t]*(?:exit|exec)\b[^\n]*\s*$/

/** A hook that is there already: a script of a shell, which git runs. */
async function heldAt(target: string): Promise<{ text: string; mode: number } | undefined> {
  const stat = await lstat(target).catch(() => undefined)
  if (stat === undefined) return undefined
  if (!stat.isFile()) throw refused(target, 'it is a link or no file')
  const text = await readFile(target, 'utf8')
  if (text.includes('\0') || /^#!(?!.*\b(?:ba|da|k|z)?sh\b)/.test(text))
    throw refused(target, 'it is no script of a shell')
  if (ENDS.test(text)) throw refused(target, 'it ends before what would be added')
  if ((stat.mode & 0o100) === 0) throw refused(target, 'git does not run it, for it may not be executed')
  return { text, mode: stat.mode & 0o777 }
}

const refused = (target: string, why: string): TenonError =>
  new TenonError('HOOK_REFUSED', `${target} is left as it is: ${why}`, {
    hint: 'Call "sm bump --pending --staged" from your own pre-commit hook.',
    details: { target },
  })

const BEGIN = '# skill-map: pre-commit-bump (begin)'
const END = '# skill-map: pre-commit-bump (end)'

/** Without sm the commit goes on: whoever has none has no sidecars to keep. */
function blockFor(folder: string): string {
  const bump = 'sm bump --pending --staged'
  const there = folder === '' ? bump : `(cd -- ${quoted(`./${folder}`)} && ${bump})`
  return [
    BEGIN,
    'if command -v sm >/dev/null 2>&1; then',
    `  ${there} || exit 1`,
    'else',
    "  echo 'skill-map: there is no sm on the PATH, so no sidecar is bumped' >&2",
    'fi',
    `${END}\n`,
  ].join('\n')
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
