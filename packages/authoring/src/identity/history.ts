import { TenonError } from '@tenon/contract'
import type { Repository } from '@tenon/bundle'

/** A commit on the line of first parents. `at` is RFC 3339, `actor` its author. */
export type Commit = { commit: string; tree: string; at: string; actor: string }

/** The files that say who is who, by path from the top of the repository; the values name the bytes. */
export type IdentityFiles = ReadonlyMap<string, string>

/** What a commit changed; a file without an object is gone. */
export type Step = { commit: Commit; changes: readonly Change[] }
type Change = { path: string; object: string | undefined }

const GOVERNED = ['ids/cards', 'plugins', 'policies']
const IDENTITY_FILE =
  /^(ids\/cards\/.+|plugins\/[^/]+\/(plugin\.spec|manifest)\.json|policies\/[^/]+\/[^/]+\/pack\.yaml)$/

/** The commits from the first to HEAD, each the first parent of the next: the order in which changes were merged. */
export async function firstParents({ git }: Repository): Promise<Commit[]> {
  if ((await git('rev-parse', '--is-shallow-repository')) === 'true')
    throw new TenonError('SEAL_REFUSED', 'this clone does not hold the whole history', {
      hint: 'Run "git fetch --unshallow", or check out with "fetch-depth: 0".',
    })
  const format = '--format=%H%x09%T%x09%ct%x09%an <%ae>'
  const listed = await git('rev-list', '--first-parent', '--reverse', '--encoding=UTF-8', format, 'HEAD')
  return listed
    .split('\n')
    .filter((line) => line.includes('\t'))
    .map((line) => {
      const [commit = '', tree = '', seconds, ...actor] = line.split('\t')
      return { commit, tree, at: new Date(Number(seconds) * 1_000).toISOString(), actor: actor.join('\t') }
    })
}

/** The identity files at `base`, or of nothing, and what each of these commits, which follow it, changed of them. Only git's objects are read. */
export async function stepsFrom(
  repository: Repository,
  base: Commit | undefined,
  commits: readonly Commit[],
): Promise<{ before: IdentityFiles; steps: Step[] }> {
  const empty = await repository.git('hash-object', '-t', 'tree', '--stdin')
  const start = base?.tree ?? empty
  const [first = [], ...rest] = await treeDifferences(repository, [empty, start, ...commits.map(({ tree }) => tree)])
  const steps = commits.map((commit, index) => ({ commit, changes: rest[index] ?? [] }))
  return { before: applied(new Map(), first), steps }
}

/** The identity files of a commit. */
export async function identityFiles(repository: Repository, revision: string): Promise<IdentityFiles> {
  const empty = await repository.git('hash-object', '-t', 'tree', '--stdin')
  const tree = await repository.git('rev-parse', '--verify', `${revision}^{tree}`)
  const [changes = []] = await treeDifferences(repository, [empty, tree])
  return applied(new Map(), changes)
}

/** The files after these changes. */
export function applied(files: IdentityFiles, changes: readonly Change[]): IdentityFiles {
  const next = new Map(files)
  for (const { path, object } of changes)
    if (object === undefined) next.delete(path)
    else next.set(path, object)
  return next
}

/** Two trees, or a path that is other in them, with its mode and object in the second. */
const PRINTED = /([0-9a-f]+ [0-9a-f]+)\n|:[0-7]+ ([0-7]+) [0-9a-f]+ ([0-9a-f]+) [A-Z]\0([^\0]*)\0/gy

/** What changed among identity files from each of the trees to the next, asked of one process. */
async function treeDifferences({ bytes }: Repository, trees: readonly string[]): Promise<Change[][]> {
  const pairs = trees.slice(1).map((tree, index) => `${trees[index]} ${tree}\n`)
  const words = ['diff-tree', '--stdin', '-r', '-z', '--no-renames', '--', ...GOVERNED]
  const printed = (await bytes(words, pairs.join(''))).toString('utf8')
  const differences: Change[][] = []
  let end = 0
  for (const [part, heading, mode = '', object = '', path = ''] of printed.matchAll(PRINTED)) {
    end += part.length
    if (heading !== undefined) differences.push([])
    else if (IDENTITY_FILE.test(path))
      differences.at(-1)?.push({ path, object: mode.startsWith('100') ? object : undefined })
  }
  if (end !== printed.length) throw new Error(`git diff-tree printed ${JSON.stringify(printed.slice(end, end + 200))}`)
  return differences
}
