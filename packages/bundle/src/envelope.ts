import { sign, verify, type KeyObject } from 'node:crypto'
import { dsse } from '@sigstore/core'
import {
  canonicalJson,
  decodeUtf8,
  parseJson,
  TenonError,
  type Digest,
  type Envelope,
  type Statement,
} from '@tenon/contract'
import { envelopeSchema, statementSchema, validatorOf } from '@tenon/contract/schema'
import type { SigningKey } from './signing-key.ts'

const PAYLOAD_TYPE = 'application/vnd.in-toto+json'
const envelopes = validatorOf(envelopeSchema)
const statements = validatorOf(statementSchema)

export function signStatement(statement: Statement, key: SigningKey): Envelope {
  const payload = Buffer.from(canonicalJson(statement))
  const sig = sign(null, dsse.preAuthEncoding(PAYLOAD_TYPE, payload), key.privateKey).toString('base64')
  return { payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures: [{ keyid: key.id, sig }] }
}

export type VerifiedStatement = { statement: Statement; keyId: Digest }

/**
 * Checks an envelope against the keys that `keyOf` knows. The payload is read only after a signature over its very
 * bytes has been found good.
 */
export function verifyEnvelope(envelope: unknown, keyOf: (keyId: Digest) => KeyObject | undefined): VerifiedStatement {
  const problems = envelopes.problems(envelope)
  if (!envelopes.is(envelope))
    throw new TenonError('BUNDLE_SIGNATURE_INVALID', 'the envelope is malformed', { problems })
  const payload = Buffer.from(envelope.payload, 'base64')
  const signed = dsse.preAuthEncoding(envelope.payloadType, payload)
  for (const { keyid, sig } of envelope.signatures) {
    const key = keyOf(keyid as Digest)
    if (key !== undefined && verify(null, signed, key, Buffer.from(sig, 'base64')))
      return { statement: readStatement(payload), keyId: keyid as Digest }
  }
  const named = envelope.signatures.map(({ keyid }) => keyid).join(', ')
  throw new TenonError('BUNDLE_SIGNATURE_INVALID', `no signature of ${named} verifies with a known key`, {
    hint: 'The content was changed after it was signed, or the signer is not known here.',
  })
}

function readStatement(payload: Buffer): Statement {
  const statement = parseJson(decodeUtf8(payload, 'the signed statement'), 'the signed statement')
  const problems = statements.problems(statement)
  if (!statements.is(statement))
    throw new TenonError('BUNDLE_SIGNATURE_INVALID', 'the statement is malformed', { problems })
  return statement
}
