import { digestBytes } from '@tenon/bundle'
import type { IdentityLine } from '@tenon/contract'
import { versionKey, type Identities, type Identity, type Place } from './identities.ts'
import type { ManifestDigests } from './manifest-digests.ts'
import type { GovernedPlugin, Snapshot } from './snapshot.ts'

/** What a line says, without its place in the chain and the commit that it was seen at. */
export type Seen = {
  [Line in IdentityLine as Line['type']]: Pick<Line, 'type' | 'card' | 'data'>
}[IdentityLine['type']]
type SeenOfCard = Extract<Seen, { card: string }>

/** Cards that are new, by their time. */
export const cardsCreated = ({ cards }: Identities, snapshot: Snapshot): SeenOfCard[] =>
  [...snapshot.cards.values()]
    .filter(({ card }) => !cards.has(card.id))
    .map(({ card: { id, kind, key, path_at_birth: path, supersedes }, text }) => ({
      type: 'card.created',
      card: id,
      data: { kind, key, path, digest: digestBytes(text), ...(supersedes === undefined ? {} : { supersedes }) },
    }))

/** Of two cards that supersede the same one, the older does. */
export function cardsSuperseded({ cards }: Identities): SeenOfCard[] {
  const successors = new Map<string, string>()
  for (const { card, supersedes } of cards.values())
    if (supersedes !== undefined && cards.get(supersedes)?.supersededBy === undefined && !successors.has(supersedes))
      successors.set(supersedes, card)
  return [...successors]
    .filter(([superseded]) => cards.has(superseded))
    .map(([superseded, by]) => ({ type: 'superseded', card: superseded, data: { by } }))
}

/** Cards that are named for the first time, at another place than before, or no more. */
export function placesChanged({ cards }: Identities, snapshot: Snapshot): SeenOfCard[] {
  const named = new Map<string, Place[]>()
  for (const { uid, place } of snapshot.namings) named.set(uid, [...(named.get(uid) ?? []), place])
  return [...cards.values()].flatMap((identity) => {
    const places = identity.kind === 'policy-pack' ? packPlaces(identity, snapshot) : (named.get(identity.card) ?? [])
    return placeChanged(identity, places, snapshot)
  })
}

function packPlaces({ birth, supersededBy }: Identity, { packs }: Snapshot): Place[] {
  return supersededBy === undefined && packs.has(birth.key) ? [birth] : []
}

function placeChanged(identity: Identity, places: readonly Place[], { unread }: Snapshot): SeenOfCard[] {
  const { card, place: last, deprecated, supersededBy } = identity
  const place = places.find((one) => isSame(one, last)) ?? places[0]
  if (place === undefined) {
    const isGone = last !== undefined && !deprecated && supersededBy === undefined && !unread.has(last.path)
    return isGone ? [{ type: 'deprecated', card, data: last }] : []
  }
  if (last === undefined || deprecated) return [{ type: 'card.bound', card, data: place }]
  return isSame(place, last) ? [] : [{ type: 'path.moved', card, data: { ...place, from: last } }]
}

const isSame = (one: Place, other: Place | undefined): boolean => one.key === other?.key && one.path === other.path

/** Plugins whose version was not published yet. */
export const unpublished = ({ cards, published }: Identities, { plugins }: Snapshot): GovernedPlugin[] =>
  plugins.filter(({ uid, id, version }) => cards.has(uid) && !published.has(versionKey({ plugin: id, version })))

/** The versions of these plugins whose manifest is there. */
export const versionsPublished = (digests: ReadonlyMap<GovernedPlugin, ManifestDigests>): Seen[] =>
  [...digests].map(([{ uid, id, version, path }, found]) => ({
    type: 'version.published',
    card: uid,
    data: { plugin: id, version, path, ...found },
  }))
