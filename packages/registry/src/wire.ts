import { FOREIGN_ID_PATTERN, limits } from '@tenon/contract'
import { envelopeSchema, revocationSchema, validatorOf } from '@tenon/contract/schema'
import Type, { type Static } from 'typebox'

/**
 * What registry and client say to each other. Objects are open: a client ignores what a newer registry adds. Ranges and
 * specs have been checked when they were published, so here they are text.
 */
const text = Type.String({ minLength: 1 })
const ranges = Type.Record(Type.String(), text)
const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })
const time = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' })
const { $id: _id, ...envelope } = envelopeSchema as typeof envelopeSchema & { $id?: string }

export const pluginId = Type.String({ pattern: FOREIGN_ID_PATTERN })

/** `certified`: every gate that the signed statement names found nothing. `signed`: the signature is good, no more. */
const verification = Type.Enum(['signed', 'certified'])

const listing = {
  id: pluginId,
  publisher: text,
  name: text,
  description: Type.Optional(text),
  keywords: Type.Array(text),
  categories: Type.Array(text),
  /** The newest stable version, or the newest when none is stable. */
  latest: text,
  verification,
  updatedAt: time,
}

export const releaseSchema = Type.Object({
  version: text,
  publisher: text,
  digest,
  manifestDigest: digest,
  size: Type.Integer({ minimum: 1 }),
  dependencies: ranges,
  optionalDependencies: ranges,
  ifPresent: ranges,
  conflicts: ranges,
  engines: ranges,
  capabilities: Type.Array(text),
  yanked: Type.Boolean(),
  revoked: Type.Optional(Type.Boolean()),
  verification,
  publishedAt: time,
  envelope: Type.Unsafe<Static<typeof envelopeSchema>>(envelope),
})

/** A plugin with all of its releases, newest stable first: all that an installation needs in one document. */
export const pluginSchema = Type.Object({
  ...listing,
  maintainers: Type.Array(text),
  releases: Type.Array(releaseSchema),
})

export const versionSchema = Type.Object({
  ...releaseSchema.properties,
  id: pluginId,
  spec: Type.Record(text, Type.Unknown()),
})

const page = <Item extends Type.TSchema>(item: Item) =>
  Type.Object({ items: Type.Array(item), nextCursor: Type.Optional(text) })

export const pluginPageSchema = page(Type.Object(listing))
export const keySchema = Type.Object({ keyId: digest, publisher: text, publicKey: text, addedAt: time })
export const keyPageSchema = page(keySchema)
export const knownKeySchema = Type.Object({ keyId: digest, publicKey: text, publishers: Type.Array(text) })
export const revocationsSchema = Type.Object({ revocations: Type.Array(revocationSchema) })
export const whySchema = Type.Object({ why: revocationSchema.properties.why }, { additionalProperties: false })
export const artifactSchema = Type.Object({ digest, size: Type.Integer({ minimum: 0 }) })
export const newKeySchema = Type.Object(
  { publicKey: Type.String({ minLength: 1, maxLength: 4096 }) },
  { additionalProperties: false },
)
export const newVersionSchema = Type.Object(
  { digest, envelope: releaseSchema.properties.envelope },
  { additionalProperties: false },
)

export const pageQuery = {
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.registryPageMax })),
}

export type PluginListing = Static<typeof pluginPageSchema>['items'][number]
export type PluginPage = Static<typeof pluginPageSchema>
export type PluginDocument = Static<typeof pluginSchema>
export type ReleaseDocument = Static<typeof releaseSchema>
export type VersionDocument = Static<typeof versionSchema>
export type KeyDocument = Static<typeof keySchema>

export const validators = {
  plugin: validatorOf(pluginSchema),
  version: validatorOf(versionSchema),
  page: validatorOf(pluginPageSchema),
  knownKey: validatorOf(knownKeySchema),
  key: validatorOf(keySchema),
  artifact: validatorOf(artifactSchema),
  revocations: validatorOf(revocationsSchema),
  revocation: validatorOf(revocationSchema),
}
