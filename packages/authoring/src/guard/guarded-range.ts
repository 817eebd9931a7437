import type { Repository } from '@tenon/bundle'
import { messageOf, TenonError } from '@tenon/contract'

/** A change by its commits: `base` is behind `head`. */
export type GuardedRange = { base: string; head: string; isMerged: boolean }

/** The branch that changes are merged to, where it may be known by. */
const MAIN = ['refs/remotes/origin/main', 'refs/heads/main']

/**
 * The commits of the change that is meant. Without a base it began where it left the main branch; on that branch itself, or with
 * `merged`, it is what was merged last. Throws USAGE, or GIT_FAILED for a revision that there is not.
 */
export async function guardedRange(
  repository: Repository,
  wanted: { base?: string | undefined; head?: string | undefined; merged?: boolean | undefined },
): Promise<GuardedRange> {
  const head = await commitOf(repository, wanted.head ?? 'HEAD')
  if (wanted.merged === true) return mergedLast(repository, head, wanted.base)
  const base = await mergeBase(repository, wanted.base ?? (await mainBranch(repository)), head)
  return base === head && wanted.base === undefined
    ? mergedLast(repository, head, undefined)
    : { base, head, isMerged: false }
}

async function mergedLast(repository: Repository, head: string, base: string | undefined): Promise<GuardedRange> {
  const [parent] = (await repository.git('rev-list', '--parents', '--max-count=1', head)).split(' ').slice(1)
  if (base !== undefined) return { base: await mergeBase(repository, base, head), head, isMerged: true }
  if (parent !== undefined) return { base: parent, head, isMerged: true }
  throw new TenonError('USAGE', `${head} is the first commit: there is no change to guard`)
}

async function mainBranch({ git }: Repository): Promise<string> {
  const known = (await git('for-each-ref', '--format=%(refname)', ...MAIN)).split('\n')
  const branch = MAIN.find((name) => known.includes(name))
  if (branch !== undefined) return branch
  throw new TenonError('USAGE', 'there is neither origin/main nor main', { hint: 'Name the base with --base.' })
}

async function mergeBase(repository: Repository, base: string, head: string): Promise<string> {
  const commit = await commitOf(repository, base)
  try {
    return await repository.git('merge-base', commit, head)
  } catch (cause) {
    const hint = 'Check out with the whole history: "fetch-depth: 0".'
    throw new TenonError('USAGE', `${base} and ${head} have no commit in common: ${messageOf(cause)}`, { hint, cause })
  }
}

/** The commit that a revision names. */
export async function commitOf({ git }: Repository, revision: string): Promise<string> {
  if (revision.startsWith('-')) throw new TenonError('USAGE', `"${revision}" is no revision`)
  return git('rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`)
}
