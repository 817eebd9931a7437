import type { Repository } from '@tenon/bundle'
import type { Identities } from '../identity/identities.ts'
import type { GovernedState } from './governed-state.ts'

/** A change that somebody wants to merge, or that was merged. */
export type GuardedChange = {
  repository: Repository
  base: GovernedState
  head: GovernedState
  /** Paths that are other at head than at base, sorted; a file that moved is two of them. */
  changed: readonly string[]
  /** What is sealed at base. */
  sealed: Identities
  /** Tags of plugins, with the commits that they name. */
  tags: ReadonlyMap<string, string>
  /** Whether the change is on the branch already that others are merged to, where the ledger goes on. */
  isMerged: boolean
  /** Whether the guard comes with this change, so that none was there to hold it to anything. */
  isFirst: boolean
}

export function changedPaths(base: GovernedState, head: GovernedState): string[] {
  const paths = [...new Set([...base.files.keys(), ...head.files.keys()])]
  return paths.filter((path) => !isSameFile(path, base, head)).toSorted()
}

export function isSameFile(path: string, base: GovernedState, head: GovernedState): boolean {
  const [before, after] = [base.files.get(path), head.files.get(path)]
  return before?.object === after?.object && before?.mode === after?.mode
}

/** The first line in which two texts differ. */
export function differingLine(before = '', after = ''): number {
  const [left, right] = [before.split('\n'), after.split('\n')]
  const at = [...left, ...right].findIndex((_, index) => left[index] !== right[index])
  return at + 1
}
