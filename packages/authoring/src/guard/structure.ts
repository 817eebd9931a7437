import { treePaths } from '@tenon/bundle'
import { compareVersions } from '@tenon/resolver'
import type { Problem } from '@tenon/contract'
import { readJson, isObject } from '@tenon/contract'
import type { Checked } from '../gates/gate.ts'
import { OF_THE_REPOSITORY } from '../gates/assets.ts'
import { CARDS, cardPath } from '../identity/card.ts'
import { identityProblems, manifestProblems } from '../identity/identity-problems.ts'
import { LEDGER, REGISTRY } from '../identity/identity-store.ts'
import type { GovernedState } from './governed-state.ts'
import { differingLine } from './guarded-change.ts'
import { readGuard } from './guard-file.ts'
import { ATTRIBUTES, GUARD, TOOLKIT_FILES } from './repository-files.ts'

/** What a commit is compared with: the state that the change began with, and the guard that the toolkit at work writes. */
export type Ground = { before: GovernedState; own?: string | undefined }

/** What a repository is held to at one commit. */
export function checkStructure(head: GovernedState, ground: Ground): Checked {
  const { snapshot, manifests, files } = head
  const problems = [
    ...identityProblems({ ...snapshot, namings: firstNamings(head) }),
    ...manifestProblems(snapshot, manifests),
    ...namelessProblems(head),
    ...unboundCards(head, ground.before),
    ...misplacedAssets(head),
    ...missingAssets(head),
    ...guardProblems(head, ground),
    ...driftOfToolkit(head, ground.before),
    ...treeProblems(head),
  ]
  return { checked: files.size, problems }
}

const GOVERNED = /^(ids|\.ledger|scripts\/ids|plugins|policies|\.github\/workflows\/id-[^/]*$)(\/|$)/

const problem = (code: string, file: string, message: string, hint: string, line = 1): Problem => ({
  pointer: '',
  file,
  line,
  code,
  message,
  hint,
})

/** What is named twice is told as that. */
function firstNamings({ snapshot: { namings } }: GovernedState): typeof namings {
  const named = new Set<string>()
  return namings.filter(({ uid }) => !named.has(uid) && named.add(uid))
}

/** Plugins, operations and packs that no card identifies. */
function namelessProblems({ files, snapshot, text }: GovernedState): Problem[] {
  const specs = [...files.keys()].filter((path) => /^plugins\/[^/]+\/plugin\.spec\.json$/.test(path))
  const superseded = new Set([...snapshot.cards.values()].map(({ card }) => card.supersedes))
  const carded = [...snapshot.cards.values()].flatMap(({ card }) =>
    card.kind === 'policy-pack' && !superseded.has(card.id) ? card.key : [],
  )
  const packs = [...snapshot.packs].filter((pack) => !carded.includes(pack))
  return [
    ...specs.flatMap((path) => uidlessProblems(path, text(path) ?? '')),
    ...packs.map((pack) => withoutCard(`policies/${pack}`, 'has no card')),
  ]
}

function uidlessProblems(file: string, text: string): Problem[] {
  const { value, lineOf } = readJson(text)
  if (!isObject(value)) return []
  const operations: unknown[] = Array.isArray(value['operations']) ? value['operations'] : []
  const folder = file.slice('plugins/'.length, file.lastIndexOf('/'))
  const misnamed =
    value['id'] === folder
      ? []
      : [
          problem(
            'TREE',
            file,
            `is the spec of ${JSON.stringify(value['id'])}, in the folder of "${folder}"`,
            'Give folder and spec one name.',
            lineOf('/id'),
          ),
        ]
  const own = typeof value['uid'] === 'string' ? [] : [withoutCard(file, 'the plugin has no uid', lineOf('/id'))]
  const theirs = operations.flatMap((operation, index) =>
    isObject(operation) && typeof operation['uid'] !== 'string'
      ? [
          withoutCard(
            file,
            `the operation ${JSON.stringify(operation['name'])} has no uid`,
            lineOf(`/operations/${index}`),
          ),
        ]
      : [],
  )
  return [...misnamed, ...own, ...theirs]
}

const withoutCard = (file: string, message: string, line?: number): Problem =>
  problem('UID_MISSING', file, message, `Run "tenon ids new ${file.replace(/\/plugin\.spec\.json$/, '')}".`, line)

/** A card that is new names what names it. */
function unboundCards({ snapshot }: GovernedState, before: GovernedState): Problem[] {
  const fresh = [...snapshot.cards.values()].filter(({ card }) => !before.snapshot.cards.has(card.id))
  return fresh.flatMap(({ card }) => {
    const places =
      card.kind === 'policy-pack'
        ? [...snapshot.packs].map((key) => ({ key, path: `policies/${key}` }))
        : snapshot.namings.flatMap(({ uid, place }) => (uid === card.id ? [place] : []))
    const isSuperseded = [...snapshot.cards.values()].some((other) => other.card.supersedes === card.id)
    const isBound = places.some(({ key, path }) => key === card.key && path === card.path_at_birth)
    if (isBound || isSuperseded) return []
    const message = `is new, and nothing at ${card.path_at_birth} with the key ${card.key} names it`
    return [problem('CARD_UNBOUND', cardPath(card.id), message, 'Take the card away, and run "tenon ids new".')]
  })
}

function misplacedAssets({ files }: GovernedState): Problem[] {
  return [...files.keys()].flatMap((path) => {
    const [, within] = /^plugins\/[^/]+\/(.+)$/.exec(path) ?? []
    if (within === undefined || !OF_THE_REPOSITORY.some((asset) => `${within}/`.startsWith(asset))) return []
    return [problem('REPOSITORY_ASSET', path, "governs a repository, and lies in a plugin's folder", 'Take it away.')]
  })
}

function missingAssets({ files, snapshot }: GovernedState): Problem[] {
  const wanted = [LEDGER, REGISTRY, GUARD, ATTRIBUTES, ...Object.keys(TOOLKIT_FILES)]
  const lacking = wanted.filter((path) => !files.has(path))
  const hasCards = [...files.keys()].some((path) => path.startsWith(`${CARDS}/`))
  return [
    ...[...lacking, ...(hasCards ? [] : [`${CARDS}/.gitkeep`])].map((path) =>
      problem('FILE_MISSING', path, 'is missing', 'Run "tenon repo init".'),
    ),
    ...(snapshot.packs.size > 0
      ? []
      : [problem('FILE_MISSING', 'policies', 'no policy pack governs', 'Run "tenon repo init".')]),
  ]
}

/** A guard may be replaced by that of a later version alone, whole. */
function guardProblems(head: GovernedState, { before, own }: Ground): Problem[] {
  const [text, former] = [head.text(GUARD), before.text(GUARD) ?? own]
  if (text === undefined) return []
  const changed = (message: string): Problem[] => [
    problem(
      'GUARD_CHANGED',
      GUARD,
      message,
      'It is written by "tenon repo init" alone, of a later version.',
      differingLine(former, text),
    ),
  ]
  const [guard, earlier] = [readGuard(text), former === undefined ? undefined : readGuard(former)]
  if (guard === undefined) return changed('is not what the toolkit wrote')
  if (text === former) return []
  if (earlier !== undefined && compareVersions(guard.version, earlier.version) <= 0)
    return changed(`is another guard of ${guard.version}, where the base has that of ${earlier.version}`)
  return []
}

/** Wrappers and workflows are what this toolkit derives; those of a later one come with its guard. */
function driftOfToolkit(head: GovernedState, before: GovernedState): Problem[] {
  if (before.text(GUARD) !== undefined && before.text(GUARD) !== head.text(GUARD)) return []
  return Object.entries(TOOLKIT_FILES).flatMap(([path, text]) => {
    const lying = head.text(path)
    if (lying === undefined || lying === text) return []
    return [
      problem(
        'DERIVED_DRIFT',
        path,
        'is not what the toolkit derives',
        'Run "tenon repo init --check".',
        differingLine(lying, text),
      ),
    ]
  })
}

function treeProblems({ files }: GovernedState): Problem[] {
  const judge = treePaths()
  return [...files.values()]
    .filter(({ path }) => GOVERNED.test(path))
    .flatMap(({ path, mode }) => {
      const why = mode.startsWith('100') ? judge(path) : 'is no regular file'
      return why === undefined ? [] : [problem('TREE', path, why, 'Put a file with a plain name in its place.')]
    })
}
