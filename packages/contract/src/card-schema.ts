import Type, { type Static } from 'typebox'
import { INNER_PATH_PATTERN, ULID_PATTERN } from './identity.ts'

export const CARD_KINDS = ['plugin', 'operation', 'policy-pack'] as const

const ulid = Type.String({ pattern: ULID_PATTERN })

/**
 * `ids/cards/<ULID>.yaml`: what has an identity from its birth on, and nothing that changes. `key` is the id that it bore then, for
 * an operation `<plugin>/<operation>`; `path_at_birth` the folder, from the top of the repository.
 */
export const cardSchema = Type.Object(
  {
    schema: Type.Literal('tenon.card/1'),
    id: ulid,
    kind: Type.Enum([...CARD_KINDS]),
    key: Type.String({ minLength: 1, maxLength: 128 }),
    path_at_birth: Type.String({ pattern: INNER_PATH_PATTERN, maxLength: 512 }),
    created_at: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
    created_by: Type.String({ minLength: 1, maxLength: 512 }),
    spec_digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
    supersedes: Type.Optional(ulid),
  },
  { $id: 'urn:tenon:schema:card:1', title: 'identity card', additionalProperties: false },
)

export type Card = Static<typeof cardSchema>
