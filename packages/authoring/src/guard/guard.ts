import type { Repository } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import type { GateReport } from '../gates/validate.ts'
import type { Checked } from '../gates/gate.ts'
import { tagsThere } from '../identity/tags.ts'
import { governedState, sealedAt } from './governed-state.ts'
import { changedPaths, type GuardedChange } from './guarded-change.ts'
import { commitOf } from './guarded-range.ts'
import { checkImmutability } from './immutability.ts'
import { checkMergedState } from './merged-state.ts'
import { checkOneArtifact } from './one-artifact.ts'
import { GUARD } from './repository-files.ts'
import { checkStructure } from './structure.ts'
import { checkUniqueness } from './uniqueness.ts'

/** What to hold to the guards: the change from one commit to another. `own` is the guard that the toolkit at work writes. */
export type GuardOrder = { base: string; head: string; isMerged?: boolean; own?: string | undefined }

/** What each guard looked at and found; base and head are the commits. */
export type GuardReport = { base: string; head: string; guards: GateReport[]; problems: Problem[] }

/** Holds a change to every guard. Only git's objects are read, and nothing of the change is run. Throws GIT_FAILED, LEDGER_BROKEN. */
export async function guardChange(repository: Repository, order: GuardOrder): Promise<GuardReport> {
  const change = await changeOf(repository, order)
  const { base, head, isMerged } = change
  const guards = [
    told('immutability', checkImmutability(change)),
    told('structure', checkStructure(head, { before: base, own: order.own })),
    told(
      'uniqueness',
      checkUniqueness(head, (card) => !base.snapshot.cards.has(card)),
    ),
    told('one artifact', await checkOneArtifact(change)),
    ...(isMerged ? [told('merged state', await checkMergedState(change))] : []),
  ]
  return { base: base.revision, head: head.revision, guards, problems: guards.flatMap(({ problems }) => problems) }
}

/** Holds a repository, as it is at a commit, to the guards that ask of no change. */
export async function guardState(repository: Repository, revision: string): Promise<GuardReport> {
  const commit = await commitOf(repository, revision)
  const state = await governedState(repository, commit)
  const guards = [
    told('structure', checkStructure(state, { before: state })),
    told(
      'uniqueness',
      checkUniqueness(state, () => true),
    ),
  ]
  return { base: commit, head: commit, guards, problems: guards.flatMap(({ problems }) => problems) }
}

async function changeOf(repository: Repository, order: GuardOrder): Promise<GuardedChange> {
  const [from, to] = [await commitOf(repository, order.base), await commitOf(repository, order.head)]
  const [base, head] = [await governedState(repository, from), await governedState(repository, to)]
  return {
    repository,
    base,
    head,
    changed: changedPaths(base, head),
    sealed: await sealedAt(base),
    tags: await tagsThere(repository),
    isMerged: order.isMerged === true,
    isFirst: !base.files.has(GUARD),
  }
}

const told = (gate: string, { problems, ...checked }: Checked): GateReport => ({ gate, ...checked, problems })
