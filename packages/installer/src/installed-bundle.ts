import type { ContentStore, Generation, StoredBundle } from '@tenon/bundle'
import { TenonError, type Digest } from '@tenon/contract'
import type { Subject } from './findings.ts'
import type { TrustedKey } from './trusted-keys.ts'
import { vouchedBy, type Vouched } from './vouching.ts'

export type InstalledEntry = Generation['plugins'][string]

/** A bundle of a workspace as it was read and checked; `identity` is that of its files at that time. */
export type InstalledBundle = { stored: StoredBundle; identity: Digest } & Vouched

/** An installed bundle, as findings are about it. */
export const subjectOf = ({ stored, attestation }: InstalledBundle, { signer }: InstalledEntry): Subject => {
  const { manifest, manifestDigest } = stored.bundle
  return { manifest, manifestDigest, signer, attestation }
}

/**
 * Checks an installed bundle before it is used: every file against the manifest, the manifest against what was
 * installed and against its signature, the signature against the keys that are trusted here. The files are read only
 * when they are not those of `before`; what they held then is what is used.
 */
export async function verifyInstalled(
  { store, keys }: { store: ContentStore; keys: readonly TrustedKey[] },
  id: string,
  entry: InstalledEntry,
  before?: InstalledBundle,
): Promise<InstalledBundle> {
  const identity = await store.identity(entry.digest as Digest)
  const stored = before?.identity === identity ? before.stored : await opened(store, id, entry)
  return { stored, identity, ...vouchedBy(stored, entry.signer as Digest, keys) }
}

async function opened(
  store: ContentStore,
  id: string,
  { digest, manifestDigest }: InstalledEntry,
): Promise<StoredBundle> {
  const hint = 'Run "tenon plugin install" to bring it anew.'
  const stored = await store.open(digest as Digest).catch((thrown: unknown) => {
    if (!(thrown instanceof TenonError)) throw thrown
    const { code, message, problems } = thrown
    throw new TenonError(code, `the stored "${id}" was changed: ${message}`, { problems, hint, cause: thrown })
  })
  if (stored.bundle.manifestDigest === manifestDigest) return stored
  throw new TenonError('BUNDLE_DIGEST_MISMATCH', `the stored "${id}" is not what was installed`, { hint })
}
