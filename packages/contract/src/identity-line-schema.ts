import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox'
import { CARD_KINDS } from './card-schema.ts'
import { INNER_PATH_PATTERN, ULID_PATTERN } from './identity.ts'

const closed = <Properties extends TProperties>(properties: Properties): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false })

const text = Type.String({ minLength: 1 })
const ulid = Type.String({ pattern: ULID_PATTERN })
const digest = Type.Unsafe<`sha256:${string}`>(Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }))
const path = Type.String({ pattern: INNER_PATH_PATTERN })
const place = { key: text, path }
const publicKey = { keyId: digest, publicKey: text }

const line = <Name extends string, Card extends TSchema, Data extends TProperties>(
  type: Name,
  card: Card,
  data: TObject<Data>,
) =>
  closed({
    seq: Type.Integer({ minimum: 0 }),
    at: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
    type: Type.Literal(type),
    card,
    actor: text,
    commit: Type.String({ pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$' }),
    data,
    prev: digest,
  })

const ofNone = Type.Null()

/** What a line of `.ledger/ids.jsonl` may say, by its type. */
export const identityLineSchemas = {
  genesis: line('genesis', ofNone, closed({ ledger: Type.Literal('tenon.ids/1'), ...publicKey })),
  'card.created': line(
    'card.created',
    ulid,
    closed({ kind: Type.Enum([...CARD_KINDS]), ...place, digest, supersedes: Type.Optional(ulid) }),
  ),
  'card.bound': line('card.bound', ulid, closed(place)),
  'path.moved': line('path.moved', ulid, closed({ ...place, from: closed(place) })),
  'version.published': line(
    'version.published',
    ulid,
    closed({ plugin: text, version: text, path, manifest: digest, operations: digest }),
  ),
  'tag.pushed': line('tag.pushed', ulid, closed({ plugin: text, version: text, tag: text })),
  deprecated: line('deprecated', ulid, closed(place)),
  superseded: line('superseded', ulid, closed({ by: ulid })),
  'key.rotated': line('key.rotated', ofNone, closed({ ...publicKey, signature: text })),
  checkpoint: line(
    'checkpoint',
    ofNone,
    closed({ size: Type.Integer({ minimum: 0 }), head: digest, root: digest, keyId: digest, signature: text }),
  ),
} as const

/** One line of the ledger of identities. `commit` is where it was seen, `at` and `actor` are that commit's. */
export const identityLineSchema = Type.Union(Object.values(identityLineSchemas), {
  $id: 'urn:tenon:schema:identity-line:1',
  title: 'line of the ledger of identities',
})

export type IdentityLine = {
  [Name in keyof typeof identityLineSchemas]: Static<(typeof identityLineSchemas)[Name]>
}[keyof typeof identityLineSchemas]
