import type { Problem } from '@tenon/contract'
import type { Checked, Subject } from './gate.ts'

/** What a repository has once, for all of its plugins. */
export const OF_THE_REPOSITORY = [
  'ids/cards/',
  'ids/registry.yaml',
  '.ledger/',
  'scripts/ids/',
  '.github/',
  'policies/',
  'tenon.json',
  'tenon.lock',
]

/** What governs all plugins of a repository lies at its root, and not in one of them. */
export function checkAssets({ folder }: Subject): Checked {
  const misplaced = folder.files.filter(({ path }) => OF_THE_REPOSITORY.some((asset) => `${path}/`.startsWith(asset)))
  return {
    checked: folder.files.length,
    problems: misplaced.map(
      ({ path }): Problem => ({
        pointer: '',
        file: path,
        code: 'REPOSITORY_ASSET',
        message: "governs a repository, and lies in a plugin's folder",
        hint: "Move it to the repository's root, or take it away.",
      }),
    ),
  }
}
