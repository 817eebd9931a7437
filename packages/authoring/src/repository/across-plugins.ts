import type { Problem } from '@tenon/contract'
import { isRange, satisfies } from '@tenon/resolver'
import type { Facts } from './verdict.ts'

type Placed = { folder: string; problem: Problem }

/** What can be told only of all plugins of a repository together, by folder. */
export function acrossPlugins(facts: ReadonlyMap<string, Facts>): Placed[] {
  return [...takenTwice(facts), ...unmet(facts)]
}

/** An identity is that of one plugin or operation. */
function takenTwice(facts: ReadonlyMap<string, Facts>): Placed[] {
  const owners = new Map<string, string>()
  return [...facts].flatMap(([folder, { uids }]) =>
    uids.flatMap((uid) => {
      const owner = owners.get(uid)
      owners.set(uid, folder)
      if (owner === undefined) return []
      const message = `the uid ${uid} is that of "${owner}", too`
      const hint = 'Run "tenon ids new" for the one that was copied, after its uid was taken away.'
      return [{ folder, problem: problem('UID_TAKEN', message, hint) }]
    }),
  )
}

/** A plugin that depends on another of the repository takes its version. */
const unmet = (facts: ReadonlyMap<string, Facts>): Placed[] =>
  [...facts].flatMap(([folder, { dependencies }]) =>
    Object.entries(dependencies).flatMap(([reference, range]) => {
      const version = facts.get(reference.replace(/^.*\//, ''))?.version
      if (version === undefined || !isRange(range) || satisfies(version, range)) return []
      const message = `"${range}" does not take ${version}, the version of "${reference}" in this repository`
      return [
        { folder, problem: problem('DEPENDENCY_UNMET', message, 'Widen the range, or say which version is wanted.') },
      ]
    }),
  )

const problem = (code: string, message: string, hint: string): Problem => ({
  pointer: '',
  file: 'plugin.spec.json',
  code,
  message,
  hint,
})
