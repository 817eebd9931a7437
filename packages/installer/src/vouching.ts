import type { KeyObject } from 'node:crypto'
import { refuseForeignStatement, verifyEnvelope, type Attestation, type StoredBundle } from '@tenon/bundle'
import { TenonError, type Digest } from '@tenon/contract'
import { BY_OPERATOR, type TrustedKey } from './trusted-keys.ts'

/** Who vouches for a bundle, and for what. */
export type Vouched = {
  attestation: Attestation
  key: KeyObject
  /** An operator of this machine said that the key may sign, not only a registry. */
  byOperator: boolean
}

/**
 * What the signer of an installed bundle attests. Throws KEY_UNTRUSTED when the key may not sign for the bundle's
 * publisher on this machine, and BUNDLE_SIGNATURE_INVALID when it did not sign this very manifest.
 */
export function vouchedBy(stored: StoredBundle, signer: Digest, keys: readonly TrustedKey[]): Vouched {
  const { id, publisher } = stored.bundle.manifest
  const trusted = keys.find((one) => one.keyId === signer && one.publisher === publisher)
  if (trusted === undefined)
    throw new TenonError('KEY_UNTRUSTED', `"${id}" is signed by ${signer}, which may not sign for ${publisher} here`, {
      hint: 'Run "tenon plugin install" again, or trust the key with "tenon key trust".',
    })
  const { statement } = verifyEnvelope(stored.envelope, (keyId) => (keyId === signer ? trusted.key : undefined))
  refuseForeignStatement(statement, stored.bundle)
  return { attestation: statement.predicate, key: trusted.key, byOperator: trusted.source === BY_OPERATOR }
}
