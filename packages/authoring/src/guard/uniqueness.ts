import { basename } from 'node:path'
import type { Problem } from '@tenon/contract'
import type { Checked } from '../gates/gate.ts'
import { cardPath } from '../identity/card.ts'
import type { Naming } from '../identity/snapshot.ts'
import type { GovernedState } from './governed-state.ts'

/** What there is only once: ids of plugins and packs, `-` and `_` held equal, uids, keys of cards, and each document. */
export function checkUniqueness(head: GovernedState, isNew: (card: string) => boolean): Checked {
  const folders = [
    ...new Set([...head.files.keys()].flatMap((path) => /^(plugins|policies)\/[^/]+(?=\/)/.exec(path)?.[0] ?? [])),
  ]
  return {
    checked: folders.length + head.snapshot.namings.length + head.snapshot.cards.size,
    problems: [
      ...twice(folders, folded).map(([folder, first]) => idTaken(folder, first)),
      ...twice(head.snapshot.namings, ({ uid }) => uid).map(([naming, first]) => uidTaken(naming, first)),
      ...keysTaken(head, isNew),
      ...[...head.files.keys()].flatMap(documentTwice),
    ],
  }
}

const folded = (text: string): string => text.normalize('NFC').toLowerCase().replaceAll('_', '-')

/** Those that have the same key as one before them, with that one. */
function twice<T>(all: readonly T[], keyOf: (one: T) => string): [T, T][] {
  const firsts = new Map<string, T>()
  return all.flatMap((one): [T, T][] => {
    const first = firsts.get(keyOf(one))
    if (first !== undefined) return [[one, first]]
    firsts.set(keyOf(one), one)
    return []
  })
}

const problem = (code: string, file: string, message: string, hint: string): Problem => ({
  pointer: '',
  file,
  line: 1,
  code,
  message,
  hint,
})

const idTaken = (folder: string, first: string): Problem =>
  problem(
    'ID_TAKEN',
    folder,
    `has the id of ${first}`,
    'Give it another id: "-" and "_" are held equal, and case does not count.',
  )

const uidTaken = (naming: Naming, first: Naming): Problem => ({
  ...problem(
    'UID_TAKEN',
    naming.file,
    `the uid ${naming.uid} is that of ${first.place.key}, too`,
    'Take the copied uid away and run "tenon ids new".',
  ),
  pointer: naming.pointer,
})

/** A new card must not take the key of one that is still in force, unless what that one identifies has moved on. */
function keysTaken({ snapshot }: GovernedState, isNew: (card: string) => boolean): Problem[] {
  const cards = [...snapshot.cards.values()].map(({ card }) => card)
  const superseded = new Set(cards.map(({ supersedes }) => supersedes))
  const keys = new Map(snapshot.namings.map(({ uid, place }) => [uid, folded(place.key)]))
  const moved = (uid: string, key: string): boolean => (keys.get(uid) ?? folded(key)) !== folded(key)
  const inForce = cards.filter(({ id, key }) => !superseded.has(id) && !moved(id, key))
  return twice(inForce, ({ kind, key }) => `${kind} ${folded(key)}`)
    .filter((pair) => pair.some(({ id }) => isNew(id)))
    .map(([card, first]) =>
      problem(
        'CARD_KEY_TAKEN',
        cardPath(card.id),
        `"${card.key}" is the key of the card ${first.id}, too`,
        `Take one away, or let it supersede the other: "tenon ids new --supersede ${first.id}".`,
      ),
    )
}

const DOCUMENTS = [
  'plugin.spec.json',
  'manifest.json',
  'ledger_contract.json',
  'policy_snapshot.json',
  'README_PLUGIN.md',
  'healthcheck.md',
]
const FORMAT = /\.(json|jsonc|json5|ya?ml|md)$/i
const STORES: readonly [RegExp, string][] = [
  [/^ids\/registry\.[^/]*$/i, 'ids/registry.yaml'],
  [/^\.ledger\/[^/]*\.jsonl$/i, '.ledger/ids.jsonl'],
]

/** A second file of a kind of which an owner has one: which of them counts could not be told. */
function documentTwice(path: string): Problem[] {
  const own = ownPath(path)
  if (own === undefined || own === path) return []
  return [
    problem(
      'DOCUMENT_TWICE',
      path,
      `is a second ${basename(own)}: what counts is ${own}`,
      'Take it away, or give it another name.',
    ),
  ]
}

function ownPath(path: string): string | undefined {
  const store = STORES.find(([pattern]) => pattern.test(path))?.[1]
  const pack = /^(policies\/[^/]+\/[^/]+)\/pack\.[^/]*$/i.exec(path)?.[1]
  const folder = /^plugins\/[^/]+(?=\/)/.exec(path)?.[0]
  if (store !== undefined) return store
  if (pack !== undefined) return `${pack}/pack.yaml`
  if (folder === undefined || !FORMAT.test(path) || /\/(tests|conformance|examples)\//.test(path)) return undefined
  const stem = (name: string): string => folded(basename(name).replace(FORMAT, ''))
  const name = DOCUMENTS.find((document) => stem(document) === stem(path))
  return name === undefined ? undefined : `${folder}/${name}`
}
