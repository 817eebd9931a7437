import type { StoredListing, StoredPlugin, StoredVersion, PublisherKey } from './store.ts'
import type { KeyDocument, PluginDocument, PluginListing, ReleaseDocument, VersionDocument } from './wire.ts'

const timeOf = (ms: number): string => new Date(ms).toISOString()

export const listingOf = ({ spec, publisher, verification, publishedAt }: StoredListing): PluginListing => ({
  id: spec.id,
  publisher,
  name: spec.name,
  ...(spec.description === undefined ? {} : { description: spec.description }),
  keywords: spec.keywords ?? [],
  categories: spec.categories ?? [],
  latest: spec.version,
  verification,
  updatedAt: timeOf(publishedAt),
})

const releaseDocument = (version: StoredVersion): ReleaseDocument => ({
  version: version.spec.version,
  publisher: version.publisher,
  digest: version.digest,
  manifestDigest: version.manifestDigest,
  size: version.size,
  dependencies: version.spec.dependencies ?? {},
  optionalDependencies: version.spec.optionalDependencies ?? {},
  ifPresent: version.spec.ifPresent ?? {},
  conflicts: version.spec.conflicts ?? {},
  engines: version.spec.engines ?? {},
  capabilities: (version.spec.permissions ?? []).map(({ capability }) => capability),
  // Who does not know revocations must not choose it either.
  yanked: version.yanked || version.revoked,
  revoked: version.revoked,
  verification: version.verification,
  publishedAt: timeOf(version.publishedAt),
  envelope: version.envelope,
})

export const versionDocument = (version: StoredVersion): VersionDocument => ({
  ...releaseDocument(version),
  id: version.spec.id,
  spec: version.spec,
})

export const pluginDocument = ({ listing, maintainers, versions }: StoredPlugin): PluginDocument => ({
  ...listingOf(listing),
  maintainers,
  releases: versions.map(releaseDocument),
})

export const keyDocument = ({ keyId, publisher, publicKey, addedAt }: PublisherKey): KeyDocument => ({
  keyId,
  publisher,
  publicKey,
  addedAt: timeOf(addedAt),
})
