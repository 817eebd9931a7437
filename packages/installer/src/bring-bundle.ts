import type { KeyObject } from 'node:crypto'
import {
  digesting,
  openBundle,
  readArchive,
  refuseForeignStatement,
  verifyEnvelope,
  type Attestation,
  type Bundle,
  type ContentStore,
  type StoredBundle,
} from '@tenon/bundle'
import {
  assert,
  bundleRevocation,
  keyRevocation,
  TenonError,
  type Digest,
  type Envelope,
  type Revocation,
} from '@tenon/contract'
import { notCertified } from './findings.ts'
import type { ChosenRelease } from './plan.ts'
import { verifyInstalled, type InstalledEntry } from './installed-bundle.ts'
import type { KnownKey, PackageSource } from './source.ts'
import type { TrustedKey } from './trusted-keys.ts'

/** A release whose bundle is in the store and was checked in every way; `signer` is the publisher's key that vouches for it. */
export type BroughtRelease = ChosenRelease & { bundle: Bundle; signer: Digest; key: KeyObject }

/** A release that is installed and sound, by the keys that are trusted here; undefined when it has to be brought. */
export async function keptBundle(
  trusted: { store: ContentStore; keys: readonly TrustedKey[] },
  entry: InstalledEntry | undefined,
  chosen: ChosenRelease,
): Promise<BroughtRelease | undefined> {
  if (entry?.digest !== chosen.release.digest) return undefined
  try {
    const { stored, key } = await verifyInstalled(trusted, chosen.id, entry)
    return { ...chosen, bundle: stored.bundle, signer: entry.signer as Digest, key }
  } catch (thrown) {
    if (thrown instanceof TenonError) return undefined
    throw thrown
  }
}

/** Brings a release into the store, unless it lies there undamaged, and checks what it holds and who signed it. */
export async function bringBundle(
  store: ContentStore,
  source: PackageSource,
  { revocations, mustBeCertified = false }: { revocations: readonly Revocation[]; mustBeCertified?: boolean },
  chosen: ChosenRelease,
): Promise<BroughtRelease> {
  const { bundle, envelope } =
    (await undamaged(store, chosen.release.digest)) ?? (await download(store, source, chosen))
  const keys = await publisherKeys(source, envelope, revocations, chosen)
  const { statement, keyId } = verifyEnvelope(envelope, (id) => keys.get(id)?.publicKey)
  refuseForeignStatement(statement, bundle)
  refuseOtherPlugin(bundle, chosen)
  refuseRevoked(bundle, revocations)
  if (mustBeCertified) refuseUncertified(bundle, statement.predicate)
  const key = keys.get(keyId)?.publicKey
  assert(key !== undefined, 'what a signature was verified with is known')
  return { ...chosen, bundle, signer: keyId, key }
}

/** What the store holds of a digest; undefined when that is nothing or damaged, for the registry has it whole. */
async function undamaged(store: ContentStore, digest: Digest): Promise<StoredBundle | undefined> {
  if (!(await store.has(digest))) return undefined
  try {
    return await store.open(digest)
  } catch (thrown) {
    if (thrown instanceof TenonError) return undefined
    throw thrown
  }
}

async function download(
  store: ContentStore,
  source: PackageSource,
  { id, release }: ChosenRelease,
): Promise<StoredBundle> {
  const passing = digesting(await source.artifact(release.digest))
  const archive = Buffer.concat(await Array.fromAsync(passing.bytes))
  const { digest } = passing.seen()
  if (digest !== release.digest)
    throw new TenonError(
      'BUNDLE_DIGEST_MISMATCH',
      `${id}@${release.version}: got ${digest}, the registry announced ${release.digest}`,
      { hint: 'The download was damaged or changed. Try again.' },
    )
  const files = await readArchive(archive)
  openBundle(files)
  await store.put(digest, files, release.envelope)
  return store.open(digest)
}

function refuseUncertified({ manifest }: Bundle, attestation: Attestation): void {
  const [found] = notCertified({ manifest, attestation })
  if (found !== undefined) throw found
}

function refuseRevoked({ manifest, manifestDigest }: Bundle, revocations: readonly Revocation[]): void {
  const found = bundleRevocation(revocations, manifestDigest)
  if (found !== undefined)
    throw new TenonError('BUNDLE_REVOKED', `${manifest.id}@${manifest.version} was revoked: ${found.why}`, {
      hint: 'Ask for another version.',
    })
}

/** Of the keys that signed, those that the registry knows as the publisher's and nobody has revoked. */
async function publisherKeys(
  source: PackageSource,
  { signatures }: Envelope,
  revocations: readonly Revocation[],
  { id, release }: ChosenRelease,
): Promise<Map<string, KnownKey>> {
  const keys = new Map<string, KnownKey>()
  const revoked = signatures.flatMap(({ keyid }) => keyRevocation(revocations, keyid, release.publisher) ?? [])
  for (const { keyid } of signatures) {
    if (revoked.some(({ digest }) => digest === keyid)) continue
    const known = await source.key(keyid as Digest)
    if (known?.publishers.includes(release.publisher) === true) keys.set(keyid, known)
  }
  if (keys.size > 0) return keys
  const [first] = revoked
  if (first !== undefined)
    throw new TenonError('KEY_REVOKED', `${id}@${release.version} is signed by ${first.digest}: ${first.why}`, {
      hint: `Ask ${release.publisher} for a version that is signed with another key.`,
    })
  throw new TenonError(
    'BUNDLE_SIGNATURE_INVALID',
    `${id}@${release.version} is signed with no key of ${release.publisher}`,
    { hint: `Ask ${release.publisher} whether it is theirs before you trust it.` },
  )
}

function refuseOtherPlugin({ manifest }: Bundle, { id, release }: ChosenRelease): void {
  const wanted = [id, release.version, release.publisher].join(' ')
  const got = [manifest.id, manifest.version, manifest.publisher].join(' ')
  if (wanted !== got) throw new TenonError('BUNDLE_CONTENT_MISMATCH', `asked for ${wanted}, the bundle holds ${got}`)
}
