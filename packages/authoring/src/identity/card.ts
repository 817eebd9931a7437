import { basename } from 'node:path'
import { decodeUtf8, defined, isUlid, messageOf, ulidTime, type Card, type Problem } from '@tenon/contract'
import { cardSchema, validatorOf } from '@tenon/contract/schema'
import type { PluginFile } from '@tenon/bundle'
import { isMap, LineCounter, parseDocument, stringify } from 'yaml'
import { readYaml } from '../folder/yaml-text.ts'

/** The folder of the cards, from the top of the repository. */
export const CARDS = 'ids/cards'
/** What keeps the folder in git while there is no card. */
const KEEPER = '.gitkeep'

const IMMUTABLE = 'A card is never edited: take it back to what was committed, or make one that supersedes it.'
const REMADE = 'Cards are made by "tenon ids new".'

const KEYS = [
  'schema',
  'id',
  'kind',
  'key',
  'path_at_birth',
  'created_at',
  'created_by',
  'spec_digest',
  'supersedes',
] as const satisfies (keyof Card)[]

const cards = validatorOf(cardSchema)

export const cardPath = (id: string): string => `${CARDS}/${id}.yaml`

/** The one text of a card. */
export const cardText = (card: Card): string =>
  stringify(defined(Object.fromEntries(KEYS.map((key) => [key, card[key]]))), { lineWidth: 0 })

/** A file of the folder of cards: the card, and the text that it was read from, or what is wrong with it. */
export type CardReading = { read: { card: Card; text: string } | undefined; problems: Problem[] }
export type Cards = ReadonlyMap<string, { card: Card; text: string }>

export const isCardFile = (path: string): boolean => path.startsWith(`${CARDS}/`) && basename(path) !== KEEPER

/** All cards of a repository, and every problem of every file among them. */
export function cardsOf(read: readonly CardReading[]): { cards: Cards; problems: Problem[] } {
  const found = new Map(read.flatMap((one) => (one.read === undefined ? [] : [[one.read.card.id, one.read] as const])))
  const lost = [...found.values()].flatMap(({ card, text }) =>
    card.supersedes === undefined || found.has(card.supersedes) || card.supersedes === card.id
      ? []
      : [cardProblem(cardPath(card.id), lineIn(text, 'supersedes'), `there is no card ${card.supersedes}`, REMADE)],
  )
  return { cards: found, problems: [...read.flatMap(({ problems }) => problems), ...lost] }
}

/** Reads one card; every problem has its line. `path` is from the top of the repository. */
export function readCard({ path, bytes }: PluginFile): CardReading {
  const name = basename(path).replace(/\.yaml$/, '')
  const misnamed =
    isUlid(name) && path === cardPath(name) ? [] : [cardProblem(path, 1, `"${path}" is named by no ULID`, REMADE)]
  const { value, problems, text } = parsed(path, bytes)
  const found = [...misnamed, ...problems]
  if (!cards.is(value)) return { read: undefined, problems: found }
  const own = [...found, ...ownProblems(value, name, path, text)]
  return { read: own.length === 0 ? { card: value, text } : undefined, problems: own }
}

type Parsed = { value: unknown; problems: Problem[]; text: string }

function parsed(path: string, bytes: Uint8Array): Parsed {
  try {
    const text = decodeUtf8(bytes, path)
    const { value, faults } = readYaml(text)
    if (faults.length > 0)
      return { value, problems: faults.map(({ line, message }) => cardProblem(path, line, message, IMMUTABLE)), text }
    const problems = cards
      .problems(value)
      .map(({ pointer, message, hint }) =>
        cardProblem(path, lineIn(text, pointer.split('/')[1]), message, hint ?? IMMUTABLE),
      )
    return { value, problems, text }
  } catch (thrown) {
    return { value: undefined, problems: [cardProblem(path, 1, messageOf(thrown), IMMUTABLE)], text: '' }
  }
}

/** What a schema cannot say of a card. */
function ownProblems(card: Card, name: string, path: string, text: string): Problem[] {
  const at = (key: keyof Card, message: string): Problem => cardProblem(path, lineIn(text, key), message, IMMUTABLE)
  const made = new Date(ulidTime(card.id)).toISOString()
  return [
    ...(card.id === name ? [] : [at('id', `the card in ${name}.yaml has the id ${card.id}`)]),
    ...(card.created_at === made
      ? []
      : [at('created_at', `"${card.created_at}" is not ${made}, the time of the ULID`)]),
    ...(card.supersedes === card.id ? [at('supersedes', 'the card supersedes itself')] : []),
    ...(cardText(card) === text ? [] : [at('schema', 'the card is not in the one form in which cards are written')]),
  ]
}

/** The line of a key of a card, else the first. */
function lineIn(text: string, key: string | undefined): number {
  const counter = new LineCounter()
  const { contents } = parseDocument(text, { lineCounter: counter })
  const pair = isMap(contents) ? contents.items.find((item) => String(item.key) === key) : undefined
  const range = pair?.key !== null && typeof pair?.key === 'object' && 'range' in pair.key ? pair.key.range : undefined
  return Array.isArray(range) ? counter.linePos(range[0]).line : 1
}

const cardProblem = (file: string, line: number, message: string, hint: string): Problem => ({
  pointer: '',
  file,
  line,
  code: 'CARD_INVALID',
  message,
  hint,
})
