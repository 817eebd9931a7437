import { assert, TenonError } from '@tenon/contract'
import inc from 'semver/functions/inc.js'
import major from 'semver/functions/major.js'
import valid from 'semver/functions/valid.js'
import type { Change } from './change.ts'

export type Bump = 'major' | 'minor' | 'patch'

/** The smallest step that tells the truth about the changes. What could not be decided counts as breaking. */
export function leastBump(changes: readonly Change[]): Bump {
  if (changes.some(({ verdict }) => verdict !== 'compatible')) return 'major'
  return changes.length > 0 ? 'minor' : 'patch'
}

/** The lowest version that may follow. Before 1.0.0 the minor version acts as the major one, as carets have it. */
export function leastVersion(oldVersion: string, changes: readonly Change[]): string {
  if (valid(oldVersion) === null) throw new TenonError('REFERENCE_INVALID', `"${oldVersion}" is no version`)
  const bump = leastBump(changes)
  const step = major(oldVersion) > 0 ? bump : bump === 'major' ? 'minor' : 'patch'
  const next = inc(oldVersion, step)
  assert(next !== null, `${oldVersion} has a ${step} version after it`)
  return next
}
