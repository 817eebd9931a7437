import { isCardFile, type Cards } from '../identity/card.ts'
import { pluginFolderOf } from './governed-state.ts'
import type { GuardedChange } from './guarded-change.ts'
import { ATTRIBUTES, isSealedAlone } from './repository-files.ts'

const TOOLKIT = /^(scripts\/ids\/|\.github\/workflows\/id-|\.ledger\/|ids\/|tenon\.(json|lock)$)/

/**
 * What a changed path is part of, each by a name that stays when it moves: the plugin of a card, a policy pack, or the toolkit.
 * None for what governs nothing, nor for what only the seal writes.
 */
export function unitsOf(path: string, change: GuardedChange): string[] {
  const folder = pluginFolderOf(path)
  const pack = /^policies\/([^/]+)/.exec(path)?.[1]
  if (folder !== undefined) return pluginUnits(folder, change)
  if (pack !== undefined) return [`policy pack ${pack}`]
  if (isSealedAlone(path)) return []
  if (isCardFile(path)) return cardUnits(path, change)
  return TOOLKIT.test(path) || path === ATTRIBUTES ? ['the toolkit'] : []
}

/** A folder whose plugin became another is part of both. */
function pluginUnits(folder: string, { base, head }: GuardedChange): string[] {
  const uids = [base, head].flatMap(({ plugins }) => plugins.get(folder)?.uid ?? [])
  const units = new Set(uids.map((uid) => `plugin ${origin(uid, head.snapshot.cards)}`))
  return units.size === 0 ? [`plugin ${folder}`] : [...units]
}

function cardUnits(path: string, change: GuardedChange): string[] {
  const { base, head } = change
  const id = path.replace(/^.*\/|\.yaml$/g, '')
  const card = (head.snapshot.cards.get(id) ?? base.snapshot.cards.get(id))?.card
  if (card?.kind === 'policy-pack') return [`policy pack ${card.key}`]
  const naming = [head, base].flatMap(({ snapshot }) => snapshot.namings.filter(({ uid }) => uid === id))[0]
  const folder = naming?.place.path ?? card?.path_at_birth
  return folder === undefined ? ['the toolkit'] : pluginUnits(folder, change)
}

/** The first of the cards that a card came to supersede. */
function origin(uid: string, cards: Cards, seen: readonly string[] = []): string {
  const former = cards.get(uid)?.card.supersedes
  return former === undefined || seen.includes(former) ? uid : origin(former, cards, [...seen, uid])
}
