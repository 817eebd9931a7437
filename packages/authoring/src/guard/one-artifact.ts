import type { Problem } from '@tenon/contract'
import type { Checked } from '../gates/gate.ts'
import { unlessNone } from '../gates/gate.ts'
import { cardPath } from '../identity/card.ts'
import { pluginFolderOf } from './governed-state.ts'
import type { GuardedChange } from './guarded-change.ts'
import { unitsOf } from './governed-unit.ts'
import { regenerated } from './regeneration.ts'

/** One governed unit for a change: a plugin, a policy pack or the toolkit, with what is derived from it anywhere. */
export async function checkOneArtifact(change: GuardedChange): Promise<Checked> {
  if (change.isFirst) return { checked: 0, problems: [], idle: 'the change brings the guard' }
  const parts = new Map(change.changed.map((path) => [path, unitsOf(path, change)]))
  const units = new Set([...parts.values()].flat())
  const problems = units.size > 1 ? await unitProblems(change, parts) : []
  return unlessNone('it changes nothing that governs', {
    checked: units.size,
    problems: [...problems, ...newPlugins(change)],
  })
}

/** Each unit but the first, of those that are not derived alone. */
async function unitProblems(change: GuardedChange, parts: ReadonlyMap<string, readonly string[]>): Promise<Problem[]> {
  const derived = await regenerated(change)
  const firstPaths = new Map<string, string>()
  for (const [path, units] of parts)
    if (!derived.has(pluginFolderOf(path) ?? ''))
      for (const unit of units) if (!firstPaths.has(unit)) firstPaths.set(unit, path)
  const [first = '', ...rest] = firstPaths.values()
  return rest.map((path) => manyUnits(path, first))
}

const manyUnits = (path: string, first: string): Problem => ({
  pointer: '',
  file: path,
  line: 1,
  code: 'ARTIFACT_MANY',
  message: `is part of another unit than ${first}, and not what deriving it from the base gives`,
  hint: 'A change is of one plugin, one policy pack or the toolkit: give this part a change of its own.',
})

function newPlugins({ base, head }: GuardedChange): Problem[] {
  const fresh = [...head.snapshot.cards.values()].filter(
    ({ card }) => card.kind === 'plugin' && card.supersedes === undefined && !base.snapshot.cards.has(card.id),
  )
  return fresh.slice(1).map(({ card }) => ({
    pointer: '',
    file: cardPath(card.id),
    line: 1,
    code: 'ARTIFACT_MANY',
    message: `is the card of a second new plugin, "${card.key}"`,
    hint: 'Bring each new plugin in a change of its own.',
  }))
}
