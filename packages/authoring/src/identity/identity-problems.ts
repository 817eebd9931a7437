import { digestBytes } from '@tenon/bundle'
import type { Problem } from '@tenon/contract'
import { cardPath } from './card.ts'
import { versionKey, type Identities } from './identities.ts'
import type { ManifestDigests } from './manifest-digests.ts'
import type { GovernedPlugin, Naming, Snapshot } from './snapshot.ts'

/** What is wrong with who is who in a repository. */
export function identityProblems(snapshot: Snapshot): Problem[] {
  const at = (naming: Naming, message: string, hint: string): Problem => ({
    pointer: naming.pointer,
    file: naming.file,
    line: naming.line(),
    code: 'UID_INVALID',
    message,
    hint,
  })
  const firsts = new Map(snapshot.namings.toReversed().map((naming) => [naming.uid, naming]))
  const successors = new Map([...snapshot.cards.values()].map(({ card }) => [card.supersedes, card.id]))
  return [
    ...snapshot.problems,
    ...[...snapshot.unread].map(unreadable),
    ...snapshot.namings.flatMap((naming) => {
      const { uid, kind } = naming
      const card = snapshot.cards.get(uid)?.card
      const first = firsts.get(uid)
      const successor = successors.get(uid)
      if (card === undefined)
        return [at(naming, `there is no card ${uid}`, 'Take the uid away and run "tenon ids new".')]
      if (card.kind !== kind)
        return [at(naming, `${uid} is the card of a ${card.kind}, no ${kind}`, 'Name its own card.')]
      if (successor !== undefined) return [at(naming, `${uid} is superseded by ${successor}`, `Name ${successor}.`)]
      if (first !== undefined && first !== naming)
        return [at(naming, `${uid} is named by ${first.place.key}, too`, 'Take this uid away and run "tenon ids new".')]
      return []
    }),
  ]
}

const unreadable = (folder: string): Problem => ({
  pointer: '',
  file: `${folder}/plugin.spec.json`,
  line: 1,
  code: 'SPEC_UNREADABLE',
  message: 'is no spec that says who it is',
  hint: `Run "tenon plugin validate ${folder}".`,
})

/** Plugins whose manifest is not that of the version which their spec names. */
export const manifestProblems = (
  { plugins }: Snapshot,
  digests: ReadonlyMap<GovernedPlugin, ManifestDigests>,
): Problem[] =>
  plugins
    .filter((plugin) => !digests.has(plugin))
    .map(({ path, id, version }) => ({
      pointer: '',
      file: `${path}/manifest.json`,
      line: 1,
      code: 'DERIVED_DRIFT',
      message: `is no manifest of ${id}@${version}`,
      hint: `Run "tenon plugin derive ${path}".`,
    }))

/** Cards that are not there as they were sealed. */
export const changedCards = ({ cards }: Identities, snapshot: Snapshot): Problem[] =>
  [...cards.values()].flatMap(({ card, digest }) => {
    const text = snapshot.cards.get(card)?.text
    if (text !== undefined && digestBytes(text) === digest) return []
    const message = text === undefined ? 'was taken away after it was sealed' : 'was changed after it was sealed'
    const hint = `Take it back as it was; to correct it, run "tenon ids new --supersede ${card}".`
    return [{ pointer: '', file: cardPath(card), line: 1, code: 'CARD_CHANGED', message, hint }]
  })

/** Versions that were published with other content than they have now. */
export const changedVersions = (
  { published }: Identities,
  digests: ReadonlyMap<GovernedPlugin, ManifestDigests>,
): Problem[] =>
  [...digests].flatMap(([{ id, version, path }, { manifest }]) => {
    const sealed = published.get(versionKey({ plugin: id, version }))
    if (sealed === undefined || sealed.manifest === manifest) return []
    return [
      {
        pointer: '',
        file: `${path}/manifest.json`,
        line: 1,
        code: 'VERSION_CHANGED',
        message: `${id}@${version} was published at ${sealed.commit} with the manifest ${sealed.manifest}; now it is ${manifest}`,
        hint: 'Give what changed a version of its own, with a change on top.',
      },
    ]
  })
