import { basename, join } from 'node:path'
import { digestJson, readFiles, writeAside, type Repository } from '@tenon/bundle'
import {
  readJson,
  TenonError,
  ulidTime,
  type Card,
  type Digest,
  type Disk,
  type PluginSpec,
  type Problem,
  type World,
} from '@tenon/contract'
import { derive, driftOf } from '../derive/derive.ts'
import { readPluginFolder, requireSpec, SPEC, textAt, type PluginFolder } from '../folder/plugin-folder.ts'
import { readPolicies, requirePolicies } from '../policy/policies.ts'
import { CARDS, cardPath, cardsOf, cardText, isCardFile, readCard, type Cards } from './card.ts'
import { withUids } from './spec-uids.ts'

export type CardMaking = { disk: Disk; repository: Repository; world: World; supersede?: string | undefined }
/** The cards that were made, and every file that was written. */
export type MadeCards = { cards: Card[]; written: string[] }

/** What is to have a card: `uid` is the one that it names. */
type Subject = { kind: Card['kind']; key: string; uid: string | undefined; operation?: number }

/**
 * Makes the cards that a plugin and its operations, or a policy pack, lack; `path` is its folder from the top of the repository.
 * A plugin's spec then names them, and what is derived from it is derived again. Throws IDENTITY_INVALID, CARD_UNKNOWN, or
 * what hinders deriving, before anything is written.
 */
export async function newCards(making: CardMaking, path: string): Promise<MadeCards> {
  const cards = await requireCards(making)
  if (/^policies\/[^/]+$/.test(path)) return cardOfPack(making, path, cards)
  if (/^plugins\/[^/]+$/.test(path)) return cardsOfPlugin(making, path, cards)
  throw new TenonError('USAGE', `"${path}" is no folder of a plugin or policy pack`, {
    hint: 'Cards are for plugins/<plugin> and policies/<pack> of a repository.',
  })
}

async function requireCards({ disk, repository: { folder } }: CardMaking): Promise<Cards> {
  const names = (await disk.list(join(folder, CARDS))).filter((name) => !isLeftBehind(name))
  const files = await readFiles(
    disk,
    folder,
    names.map((name) => `${CARDS}/${name}`),
  )
  const { cards, problems } = cardsOf(files.filter(({ path }) => isCardFile(path)).map(readCard))
  refuse(problems)
  return cards
}

function refuse(problems: Problem[]): void {
  if (problems.length > 0)
    throw new TenonError('IDENTITY_INVALID', `the repository has ${problems.length} problem(s)`, { problems })
}

async function cardsOfPlugin(making: CardMaking, path: string, cards: Cards): Promise<MadeCards> {
  const { disk, repository, supersede } = making
  const root = join(repository.folder, path)
  const folder = await readPluginFolder(disk, root)
  const [spec, text] = [requireSpec(folder), textAt(folder, SPEC)]
  const subjects = subjectsOf(spec)
  refuse(subjects.flatMap((subject) => cardless(subject, text, path, cards)))
  refuseUnknown(supersede, subjects, path)
  const lacking = subjects.filter(({ uid }) => uid === undefined || uid === supersede)
  if (lacking.length === 0) return { cards: [], written: [] }
  const policies = join(repository.folder, 'policies')
  await refuseUnderivable(disk, spec, folder, policies)
  const made = await cardsFor(making, lacking, { path, specDigest: digestJson(spec), cards })
  const places = made.map(({ operation, card: { id: uid } }) => ({ operation, uid }))
  const { cards: fresh, written } = await writeCards(making, made)
  await writeAside(disk, join(root, SPEC), withUids(text, places))
  const derived = await derive(disk, root, policies)
  return { cards: fresh, written: [...written, ...[SPEC, ...derived].map((file) => `${path}/${file}`)] }
}

const subjectsOf = ({ id, uid, operations = [] }: PluginSpec): Subject[] => [
  { kind: 'plugin', key: id, uid },
  ...operations.map(
    ({ name, uid: own }, operation): Subject => ({
      kind: 'operation',
      key: `${id}/${name}`,
      uid: own,
      operation,
    }),
  ),
]

/** A uid that a person wrote, or that came with a copy of a plugin from elsewhere. */
function cardless({ uid, kind, operation }: Subject, text: string, path: string, cards: Cards): Problem[] {
  if (uid === undefined || cards.get(uid)?.card.kind === kind) return []
  const pointer = operation === undefined ? '/uid' : `/operations/${operation}/uid`
  return [
    {
      pointer,
      file: `${path}/${SPEC}`,
      line: readJson(text).lineOf(pointer),
      code: 'UID_INVALID',
      message: `there is no card ${uid} of kind ${kind}`,
      hint: 'Take the uid away: "tenon ids new" makes it.',
    },
  ]
}

function refuseUnknown(supersede: string | undefined, subjects: readonly Subject[], path: string): void {
  if (supersede === undefined || subjects.some(({ uid }) => uid === supersede)) return
  throw new TenonError('CARD_UNKNOWN', `nothing in ${path} has the card ${supersede}`, {
    hint: 'Name the uid of the plugin, or of one of its operations, as its spec has it.',
  })
}

/** What would stop the deriving must stop the cards, too. */
async function refuseUnderivable(disk: Disk, spec: PluginSpec, folder: PluginFolder, policies: string): Promise<void> {
  const damaged = driftOf(spec, await requirePolicies(disk, policies), folder).filter(
    ({ code }) => code !== 'DERIVED_DRIFT',
  )
  if (damaged.length > 0)
    throw new TenonError('FENCE_BROKEN', `${damaged.length} fence(s) are damaged`, { problems: damaged })
}

async function cardOfPack(making: CardMaking, path: string, cards: Cards): Promise<MadeCards> {
  const { disk, repository, supersede } = making
  const key = basename(path)
  const { policies, problems } = await readPolicies(disk, join(repository.folder, 'policies'))
  const pack = policies.packs.find((one) => one.pack === key)
  if (pack === undefined) throw new TenonError('POLICY_INVALID', `there is no policy pack in ${path}`, { problems })
  const superseded = new Set([...cards.values()].map(({ card }) => card.supersedes))
  const present = [...cards.values()].find(
    ({ card }) => card.kind === 'policy-pack' && card.key === key && !superseded.has(card.id),
  )
  const subject: Subject = { kind: 'policy-pack', key, uid: present?.card.id }
  refuseUnknown(supersede, [subject], path)
  if (subject.uid !== undefined && subject.uid !== supersede) return { cards: [], written: [] }
  const made = await cardsFor(making, [subject], { path, specDigest: pack.digest, cards })
  return writeCards(making, made)
}

type Birth = { path: string; specDigest: Digest; cards: Cards }
/** A card of an operation, by its place in the spec, or of what holds none. */
type CardFor = { card: Card; operation: number | undefined }

async function cardsFor(making: CardMaking, subjects: readonly Subject[], birth: Birth): Promise<CardFor[]> {
  const { repository, world, supersede } = making
  const ident = await repository.git('var', 'GIT_AUTHOR_IDENT')
  return subjects.map(({ kind, key, uid, operation }) => {
    const id = world.newId()
    const card: Card = {
      schema: 'tenon.card/1',
      id,
      kind,
      key,
      path_at_birth: birth.path,
      created_at: new Date(ulidTime(id)).toISOString(),
      created_by: ident.replace(/ \d+ [+-]\d+$/, ''),
      spec_digest: birth.specDigest,
      ...(uid !== undefined && uid === supersede ? { supersedes: uid } : {}),
    }
    return { card: madeBefore(card, birth.cards) ?? card, operation }
  })
}

/** A card that was made for the very same spec, and that its spec did not come to name: the making was killed. */
const madeBefore = (wanted: Card, cards: Cards): Card | undefined => {
  const birthOf = ({ id: _, created_at: _at, created_by: _by, ...birth }: Card): string => digestJson(birth)
  return [...cards.values()].find(({ card }) => birthOf(card) === birthOf(wanted))?.card
}

/** Half of a card, of a making that was killed. */
const isLeftBehind = (name: string): boolean => name.endsWith('.aside')

async function writeCards({ disk, repository }: CardMaking, made: readonly CardFor[]): Promise<MadeCards> {
  const cards = made.map(({ card }) => card)
  const folder = join(repository.folder, CARDS)
  for (const name of await disk.list(folder)) if (isLeftBehind(name)) await disk.remove(join(folder, name))
  for (const card of cards) await writeAside(disk, join(repository.folder, cardPath(card.id)), cardText(card))
  return { cards, written: cards.map(({ id }) => cardPath(id)) }
}
