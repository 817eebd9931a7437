import Type, { type Static } from 'typebox'
import { limits } from './limits.ts'

/**
 * What is no longer to be used, whenever it was made: a signing key by its id, or a bundle by the digest of its manifest.
 * Open, because a newer registry may say more.
 */
export const revocationSchema = Type.Object({
  kind: Type.Enum(['key', 'bundle']),
  digest: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
  /** Whose key, or bundle, it is; a key without one signs for nobody any more. */
  publisher: Type.Optional(Type.String({ minLength: 1 })),
  why: Type.String({ minLength: 1, maxLength: limits.whyLength }),
  at: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }),
})

export type Revocation = Static<typeof revocationSchema>

/** The revocation that speaks against what this key signed for this publisher. */
export const keyRevocation = (
  revocations: readonly Revocation[],
  keyId: string,
  publisher: string | undefined,
): Revocation | undefined =>
  revocations.find(
    (one) => one.kind === 'key' && one.digest === keyId && (one.publisher === undefined || one.publisher === publisher),
  )

export const bundleRevocation = (revocations: readonly Revocation[], manifestDigest: string): Revocation | undefined =>
  revocations.find(({ kind, digest }) => kind === 'bundle' && digest === manifestDigest)
