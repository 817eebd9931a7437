import { TenonError } from '@tenon/contract'
import type { Database } from '@tenon/database'
import type { Issue } from '../graph-schema.ts'
import { orphan } from '../kernel/renames.ts'
import { ISSUE } from './columns.ts'
import { readIssues } from './read-scan.ts'
import { replaceOrdered } from './replace-ordered.ts'
import { issueColumns } from './rows.ts'
import { moveState } from './state-rows.ts'

/** Rules whose issues are about nodes that are gone, or live on elsewhere. */
export const ORPHAN_RULES = {
  orphan: 'orphan',
  medium: 'auto-rename-medium',
  ambiguous: 'auto-rename-ambiguous',
} as const

export const orphanIssues = (issues: readonly Issue[]): Issue[] => {
  const rules: readonly string[] = Object.values(ORPHAN_RULES)
  return issues.filter(({ ruleId }) => rules.includes(ruleId))
}

/** Whether something is only tried, and nothing of it stays. */
export type Trial = { dryRun?: boolean }

const TRIED = new Error('tried')

/** Does something in a transaction, or only tries it. */
export function doneOrTried<T>(database: Database, { dryRun = false }: Trial, work: () => T): T {
  const tried: T[] = []
  try {
    return database.transaction(() => {
      const result = work()
      if (!dryRun) return result
      tried.push(result)
      throw TRIED
    })
  } catch (thrown) {
    if (thrown === TRIED) return tried[0] as T
    throw thrown
  }
}

/**
 * Takes what is kept about an orphan to a node that is there, and the issue away. Throws NODE_UNKNOWN where there is no such
 * orphan or no such node. To be called in a transaction, as what follows is.
 */
export function reconcileOrphan(database: Database, from: string, to: string): void {
  if (!isNode(database, to)) throw unknown(`there is no node ${to}`)
  const issues = readIssues(database)
  const isOfIt = ({ ruleId, nodeIds }: Issue): boolean => ruleId === ORPHAN_RULES.orphan && nodeIds.includes(from)
  if (!issues.some(isOfIt)) throw unknown(`no orphan is called ${from}`)
  moveState(database, [{ from, to }])
  replaceIssues(
    database,
    issues.filter((issue) => !isOfIt(issue)),
  )
}

/**
 * Takes what is kept about a node back to the path that it was taken for, which then is an orphan. `from` says which one
 * where several can be meant. Gives that path.
 */
export function undoRename(database: Database, to: string, from?: string): string {
  const issues = readIssues(database)
  const found = issues.find((issue) => isRename(issue) && issue.nodeIds.includes(to))
  if (found === undefined) throw unknown(`${to} was taken for nothing else`)
  const former = formerPath(found, from)
  moveState(database, [{ from: to, to: former }])
  const others = issues.filter(
    (issue) => issue !== found && !(issue.ruleId === 'orphan' && issue.nodeIds.includes(former)),
  )
  replaceIssues(database, [...others, orphan(former)])
  return former
}

const isRename = ({ ruleId }: Issue): boolean => ruleId === ORPHAN_RULES.medium || ruleId === ORPHAN_RULES.ambiguous

function formerPath({ ruleId, data = {} }: Issue, from: string | undefined): string {
  const known = ruleId === ORPHAN_RULES.medium ? [String(data['from'])] : (data['candidates'] as string[])
  const [only, ...others] = known
  if (from === undefined && only !== undefined && others.length === 0) return only
  if (from !== undefined && known.includes(from)) return from
  const what = from === undefined ? 'which path it was is not said' : `it was not taken for ${from}`
  throw unknown(`${what}: it can have been ${known.join(' or ')}`, 'Name the path with --from.')
}

const isNode = (database: Database, path: string): boolean =>
  database.get({ path: 'text' }, 'SELECT path FROM scan_nodes WHERE path = ?', path) !== undefined

const replaceIssues = (database: Database, issues: readonly Issue[]): void =>
  void replaceOrdered(database, { table: 'scan_issues', columns: ISSUE, rowOf: issueColumns, order: 'id' }, issues)

const unknown = (message: string, hint = 'sm orphans lists what can be settled.'): TenonError =>
  new TenonError('NODE_UNKNOWN', message, { hint })
