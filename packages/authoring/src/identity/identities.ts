import type { Digest, IdentityLine } from '@tenon/contract'

/** Where an identity is: its id, of an operation `<plugin>/<operation>`, and the folder, from the top of the repository. */
export type Place = { key: string; path: string }
export type PublishedVersion = { plugin: string; version: string; commit: string; manifest: Digest; operations: Digest }

/** What a ledger says of one card. */
export type Identity = {
  card: string
  kind: 'plugin' | 'operation' | 'policy-pack'
  /** The sha256 of the card's bytes. */
  digest: Digest
  birth: Place
  /** Where it is, or was last; undefined while no spec named it. */
  place: Place | undefined
  deprecated: boolean
  supersedes: string | undefined
  supersededBy: string | undefined
  versions: PublishedVersion[]
}

/** What a ledger says, in the order of births. `published` and `tags` are by `<plugin>@<version>`. */
export type Identities = {
  cards: Map<string, Identity>
  published: Map<string, PublishedVersion & { path: string; card: string }>
  tags: Map<string, string>
}

export const versionKey = ({ plugin, version }: { plugin: string; version: string }): string => `${plugin}@${version}`

export function identitiesOf(lines: Iterable<IdentityLine>): Identities {
  const identities: Identities = { cards: new Map(), published: new Map(), tags: new Map() }
  for (const line of lines) addLine(identities, line)
  return identities
}

/** Takes what one more line says. */
export function addLine({ cards, published, tags }: Identities, line: IdentityLine): void {
  const { card } = line
  const identity = card === null ? undefined : cards.get(card)
  if (line.type === 'card.created') cards.set(line.card, bornAs(line))
  if (identity === undefined) return
  if (line.type === 'card.bound' || line.type === 'path.moved') {
    identity.place = { key: line.data.key, path: line.data.path }
    identity.deprecated = false
  }
  if (line.type === 'deprecated') identity.deprecated = true
  if (line.type === 'superseded') identity.supersededBy = line.data.by
  if (line.type === 'version.published') {
    const { path, ...version } = line.data
    const entry = { ...version, commit: line.commit }
    identity.versions.push(entry)
    published.set(versionKey(entry), { ...entry, path, card: line.card })
  }
  if (line.type === 'tag.pushed') tags.set(versionKey(line.data), line.data.tag)
}

const bornAs = ({ card, data }: Extract<IdentityLine, { type: 'card.created' }>): Identity => ({
  card,
  kind: data.kind,
  digest: data.digest,
  birth: { key: data.key, path: data.path },
  place: undefined,
  deprecated: false,
  supersedes: data.supersedes,
  supersededBy: undefined,
  versions: [],
})
