import type { Problem } from '@tenon/contract'
import type { Checked } from '../gates/gate.ts'
import { isCardFile } from '../identity/card.ts'
import { versionKey } from '../identity/identities.ts'
import { movedTags } from '../identity/tags.ts'
import { pluginFolderOf, type GovernedState } from './governed-state.ts'
import { differingLine, isSameFile, type GuardedChange } from './guarded-change.ts'
import { INITIAL_FILES, isSealedAlone } from './repository-files.ts'

/** What never changes: cards, what was sealed of them, versions that were published, and their tags. */
export function checkImmutability(change: GuardedChange): Checked {
  const { base, head, changed, sealed, tags, isMerged } = change
  const cards = [...base.files.keys()].filter(isCardFile)
  const written = isMerged ? [] : changed.filter(isSealedAlone)
  return {
    checked: cards.length + changed.length + tags.size,
    problems: [
      ...cards.filter((path) => !isSameFile(path, base, head)).map((path) => cardChanged(path, base, head)),
      ...written.filter((path) => !isInitial(path, base, head)).map((path) => ledgerTouched(path, base, head)),
      ...changed.flatMap((path) => versionChanged(path, change)),
      ...movedTags(sealed, tags),
    ],
  }
}

function cardChanged(path: string, base: GovernedState, head: GovernedState): Problem {
  const isThere = head.files.has(path)
  return {
    pointer: '',
    file: path,
    line: isThere ? differingLine(base.text(path), head.text(path)) : 1,
    code: 'CARD_CHANGED',
    message: isThere ? 'a card never changes' : 'a card never goes, nor moves',
    hint: 'Take it back as it was; to correct it, run "tenon ids new --supersede" with its id.',
  }
}

/** Before anything was sealed, these files come empty. */
const isInitial = (path: string, base: GovernedState, head: GovernedState): boolean =>
  !base.files.has(path) && head.text(path) === INITIAL_FILES[path]

const ledgerTouched = (path: string, base: GovernedState, head: GovernedState): Problem => ({
  pointer: '',
  file: path,
  line: differingLine(base.text(path), head.text(path)),
  code: 'LEDGER_TOUCHED',
  message: 'is written after a merge alone, by "tenon ids seal"',
  hint: `Take it back with "git checkout ${base.revision.slice(0, 12)} -- ${path}".`,
})

function versionChanged(path: string, { base, head, sealed }: GuardedChange): Problem[] {
  const folder = pluginFolderOf(path)
  const plugin = head.plugins.get(folder ?? '') ?? base.plugins.get(folder ?? '')
  const isThere = head.files.has(`${folder}/plugin.spec.json`)
  if (folder === undefined || plugin === undefined || !isThere) return []
  const version = sealed.published.get(versionKey({ plugin: plugin.id, version: plugin.version }))
  if (version === undefined) return []
  const { commit } = version
  return [
    {
      pointer: '',
      file: path,
      line: 1,
      code: 'VERSION_CHANGED',
      message: `belongs to ${plugin.id}@${plugin.version}, which was published at ${commit.slice(0, 12)}`,
      hint: 'Give what changed a version of its own, in the spec and in CHANGELOG.md.',
    },
  ]
}
