import Type, { type Static } from 'typebox'
import { certificationSchema } from './certification-schema.ts'
import { closed } from './closed.ts'

const hex = Type.String({ pattern: '^[0-9a-f]{64}$' })

const about = {
  _type: Type.Literal('https://in-toto.io/Statement/v1'),
  subject: Type.Array(closed({ name: Type.String({ minLength: 1 }), digest: closed({ sha256: hex }) }), {
    minItems: 1,
    maxItems: 1,
  }),
}

/**
 * The in-toto statement beside a bundle: its subject is the manifest, its predicate what was checked. The first form says that the
 * plugin was validated when it was packed; the second that it was certified, which is to run it as well.
 */
export const statementSchema = Type.Union(
  [
    closed({
      ...about,
      predicateType: Type.Literal('urn:tenon:certification:1'),
      predicate: closed({
        plugin: Type.String({ minLength: 1 }),
        version: Type.String({ minLength: 1 }),
        gates: Type.Array(
          closed({
            gate: Type.String(),
            checked: Type.Integer({ minimum: 0 }),
            problems: Type.Integer({ minimum: 0 }),
          }),
        ),
      }),
    }),
    closed({ ...about, predicateType: Type.Literal('urn:tenon:certification:2'), predicate: certificationSchema }),
  ],
  { $id: 'urn:tenon:schema:statement:1', title: 'certification statement' },
)

/** A DSSE envelope. `payload` and `sig` are base64. */
export const envelopeSchema = closed(
  {
    payloadType: Type.Literal('application/vnd.in-toto+json'),
    payload: Type.String({ minLength: 1 }),
    signatures: Type.Array(
      closed({ keyid: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }), sig: Type.String({ minLength: 1 }) }),
      {
        minItems: 1,
        maxItems: 16,
      },
    ),
  },
  { $id: 'urn:tenon:schema:envelope:1', title: 'DSSE envelope' },
)

export type Statement = Static<typeof statementSchema>
export type Envelope = Static<typeof envelopeSchema>
