import { keyRevocation, TenonError, type Digest, type Revocation } from '@tenon/contract'

/** A key that was revoked signs nothing new. */
export function refuseRevokedKey(revocations: readonly Revocation[], keyId: Digest, publisher: string): void {
  const revocation = keyRevocation(revocations, keyId, publisher)
  if (revocation !== undefined)
    throw new TenonError('KEY_REVOKED', `the key ${keyId} of ${publisher} was revoked: ${revocation.why}`, {
      hint: 'Sign with another key.',
    })
}
