import type { Issue, Node } from '../graph-schema.ts'
import { issueForm } from '../issue-form.ts'
import { NO_FRONT_MATTER_HASH } from '../text/front-matter.ts'

/** A node that lives on under another path. */
export type Rename = { from: string; to: string }

/** What became of nodes between two scans. */
export type Moved = { renames: Rename[]; issues: Issue[] }

export const NOTHING_MOVED: Moved = { renames: [], issues: [] }

type Hashes = Pick<Node, 'path' | 'bodyHash' | 'frontmatterHash'>

type After = { paths: readonly string[]; nodeAt(path: string): Hashes }

/**
 * Finds which of the nodes that are gone live on under a new path: by an equal body, which is sure, or else by an equal
 * front matter that only one of them has, which is told. What else is gone is an orphan.
 */
export function movedBetween(before: ReadonlyMap<string, Hashes>, after: After): Moved {
  const come = inOrder(after.paths.filter((path) => !before.has(path)).map(after.nodeAt))
  const gone = goneFrom(before, after, come.length)
  const renames: Rename[] = []
  const issues: Issue[] = []
  const claim = (from: Hashes, to: Hashes): void => {
    gone.delete(from.path)
    renames.push({ from: from.path, to: to.path })
  }
  const unmatched = come.filter((node) => {
    const same = [...gone.values()].find(({ bodyHash }) => bodyHash === node.bodyHash)
    if (same !== undefined) claim(same, node)
    return same === undefined
  })
  for (const node of unmatched) {
    const candidates = candidatesFor(node, [...gone.values()])
    const [only, ...others] = candidates
    if (only === undefined) continue
    if (others.length > 0)
      issues.push(
        ambiguous(
          node.path,
          candidates.map(({ path }) => path),
        ),
      )
    else {
      claim(only, node)
      issues.push(medium(only.path, node.path))
    }
  }
  return { renames, issues: [...issues, ...[...gone.keys()].map(orphan)] }
}

/** Those that were there before and are not any more, of which there are most often none. */
function goneFrom(before: ReadonlyMap<string, Hashes>, { paths }: After, countOfCome: number): Map<string, Hashes> {
  if (before.size + countOfCome === paths.length) return new Map()
  const live = new Set(paths)
  const gone = [...before.keys()].filter((path) => !live.has(path)).flatMap((path) => before.get(path) ?? [])
  return new Map(inOrder(gone).map((node) => [node.path, node]))
}

const inOrder = (nodes: readonly Hashes[]): Hashes[] => nodes.toSorted((a, b) => (a.path < b.path ? -1 : 1))

/** To have no front matter is no sign of being the same. */
const candidatesFor = ({ frontmatterHash }: Hashes, gone: readonly Hashes[]): Hashes[] =>
  frontmatterHash === NO_FRONT_MATTER_HASH ? [] : gone.filter((node) => node.frontmatterHash === frontmatterHash)

const medium = (from: string, to: string): Issue =>
  issueForm({
    ruleId: 'auto-rename-medium',
    severity: 'warn',
    nodeIds: [to],
    message: `${to} is taken for what was ${from}: its front matter is the same, its body is not.`,
    data: { from, to, confidence: 'medium' },
  })

const ambiguous = (to: string, candidates: string[]): Issue =>
  issueForm({
    ruleId: 'auto-rename-ambiguous',
    severity: 'warn',
    nodeIds: [to],
    message: `${to} may be what was ${candidates.join(' or ')}: their front matter is the same.`,
    data: { to, candidates },
  })

export const orphan = (path: string): Issue =>
  issueForm({
    ruleId: 'orphan',
    severity: 'info',
    nodeIds: [path],
    message: `${path} is gone; what is kept about it stays.`,
    data: { path },
  })
