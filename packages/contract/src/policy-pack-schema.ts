import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import { ID_LENGTH_MAX, ID_PATTERN } from './identity.ts'
import { POLICY_KEYS } from './policy-keys.ts'
import { DATA_CLASSES, RUNTIME_KINDS } from './spec-schema.ts'

const text = Type.String({ minLength: 1 })
const id = Type.String({ pattern: ID_PATTERN, maxLength: ID_LENGTH_MAX })
const some = <Item extends ReturnType<typeof Type.String>>(items: Item) =>
  Type.Array(items, { minItems: 1, uniqueItems: true })
const date = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const bounds = Object.fromEntries(
  Object.entries(POLICY_KEYS).map(([key, { direction, value }]) => [
    key,
    Type.Optional(closed({ [direction]: value })),
  ]),
)

/** For which plugins a rule is: those of which all that is written holds. Without it, for all. */
const when = closed(
  {
    traits: Type.Optional(some(text)),
    classification: Type.Optional(Type.Array(Type.Enum([...DATA_CLASSES]), { minItems: 1, uniqueItems: true })),
    runtime: Type.Optional(Type.Array(Type.Enum([...RUNTIME_KINDS]), { minItems: 1, uniqueItems: true })),
    plugins: Type.Optional(some(id)),
  },
  { minProperties: 1 },
)

/** `policies/<pack>/<version>/pack.yaml`. A key outside the table is refused, since nothing would look at it. */
export const policyPackSchema = closed(
  {
    pack: id,
    version: text,
    released: date,
    rules: Type.Array(
      closed({
        id,
        when: Type.Optional(when),
        set: Type.Object(bounds, { additionalProperties: false, minProperties: 1 }),
        lock: Type.Optional(Type.Boolean()),
        reason: text,
        owner: text,
      }),
    ),
  },
  { $id: 'urn:tenon:schema:policy-pack:1', title: 'policy pack' },
)

export type PolicyPackDocument = Static<typeof policyPackSchema>

/** `policies/waivers/<name>.yaml`. The form of `value` is that of its key. */
export const waiverSchema = closed(
  {
    plugin: id,
    key: Type.Enum(Object.keys(POLICY_KEYS)),
    value: Type.Union([Type.Number(), Type.Boolean(), Type.Array(text, { uniqueItems: true })]),
    pack: Type.Optional(id),
    approver: text,
    reason: text,
    expires: date,
  },
  { $id: 'urn:tenon:schema:policy-waiver:1', title: 'waiver of a policy' },
)

export type WaiverDocument = Static<typeof waiverSchema>
