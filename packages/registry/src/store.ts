import type { Digest, Envelope, PluginSpec, Revocation } from '@tenon/contract'

/** A version as it is published: what was packed, who signed it, who brought it and how. */
export type PublishedVersion = {
  spec: PluginSpec
  publisher: string
  digest: Digest
  manifestDigest: Digest
  size: number
  envelope: Envelope
  keyId: Digest
  verification: 'signed' | 'certified'
  publishedAt: number
  traceId: string
}

export type StoredVersion = Omit<PublishedVersion, 'traceId' | 'keyId'> & {
  yanked: boolean
  /** Its bundle was revoked, or the key that signed it. */
  revoked: boolean
}

/** A plugin as lists show it: by the spec of its latest version. */
export type StoredListing = Pick<StoredVersion, 'spec' | 'publisher' | 'verification' | 'publishedAt'>
export type StoredPlugin = { listing: StoredListing; maintainers: string[]; versions: StoredVersion[] }

export type PublisherKey = { keyId: Digest; publisher: string; publicKey: string; addedAt: number }

/** Where a page goes on: after this plugin, in the order of rank and id. */
export type Place = { rank: number; id: string }
export type PluginQuery = {
  /** Each has to be found in id, name, keywords or description. */
  words: readonly string[]
  /** The plugin of exactly this id comes first. */
  exactId?: string | undefined
  /** An action such as `net:connect`, or a whole capability. */
  capability?: string | undefined
  maintainer?: string | undefined
  after?: Place | undefined
  limit: number
}

/** What the registry keeps. Asynchronous, so that it may be a server's database. */
export type RegistryStore = {
  /**
   * Publishes a version, or finds that it is published already with the same content. Throws PUBLISH_CONFLICT when it is
   * with other content, PLUGIN_EXISTS when another publisher holds the id or one that folds to it.
   */
  publish(version: PublishedVersion): Promise<{ isNew: boolean; stored: StoredVersion }>
  plugin(id: string): Promise<StoredPlugin | undefined>
  version(id: string, version: string): Promise<StoredVersion | undefined>
  plugins(query: PluginQuery): Promise<{ rank: number; listing: StoredListing }[]>
  /** The size of a published artifact. */
  artifactSize(digest: Digest): Promise<number | undefined>
  addToken(token: { hash: Digest; publisher: string; createdAt: number }): Promise<void>
  publisherOf(tokenHash: Digest): Promise<string | undefined>
  /** Keeps the digest of the operator's token, unless there is one that is not to be replaced: says whether it was kept. */
  putOperator(tokenHash: Digest, replacing: boolean): Promise<boolean>
  operator(): Promise<Digest | undefined>
  /** Keeps a key; known ones stay as they were. */
  addKey(key: PublisherKey): Promise<PublisherKey>
  keys(query: { after?: { keyId: string; publisher: string } | undefined; limit: number }): Promise<PublisherKey[]>
  /** Every publisher's entry for one key. */
  key(keyId: Digest): Promise<PublisherKey[]>
  /** Keeps a revocation for ever; one that is known stays as it was. */
  revoke(revocation: Revocation): Promise<Revocation>
  /** All that was ever revoked, the oldest first. */
  revocations(): Promise<Revocation[]>
  close(): Promise<void>
}
