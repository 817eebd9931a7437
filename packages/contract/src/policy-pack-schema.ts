import Type, { type Static } from 'typebox'
import { closed } from './closed.ts'
import { ID_PATTERN } from './identity.ts'

/** Every key a policy pack may set, and whether the larger value is the stricter one (`min`) or the smaller (`max`). */
export const POLICY_KEYS = {
  'coverage.lines': 'min',
  'health.failAfter': 'max',
  'health.timeoutMs': 'max',
  'operation.timeoutMs': 'max',
  'performance.p95Ms': 'max',
  'retention.days': 'min',
  'tests.negativePerOperation': 'min',
} as const

export type PolicyKey = keyof typeof POLICY_KEYS

const text = Type.String({ minLength: 1 })
const texts = Type.Array(text, { minItems: 1 })
const bounds = Object.fromEntries(
  Object.entries(POLICY_KEYS).map(([key, bound]) => [key, Type.Optional(closed({ [bound]: Type.Number() }))]),
)

/** `policies/<pack>/<version>/pack.yaml`. A key outside the table is refused, since nothing would look at it. */
export const policyPackSchema = closed(
  {
    pack: Type.String({ pattern: ID_PATTERN }),
    version: text,
    released: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }),
    rules: Type.Array(
      closed({
        id: Type.String({ pattern: ID_PATTERN }),
        when: Type.Optional(closed({ traits: Type.Optional(texts), classification: Type.Optional(texts) })),
        set: Type.Object(bounds, { additionalProperties: false, minProperties: 1 }),
        reason: text,
        owner: Type.Optional(text),
      }),
    ),
  },
  { $id: 'urn:tenon:schema:policy-pack:1', title: 'policy pack' },
)

export type PolicyPackDocument = Static<typeof policyPackSchema>
