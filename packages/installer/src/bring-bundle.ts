import type { KeyObject } from 'node:crypto'
import {
  digesting,
  openBundle,
  readArchive,
  refuseForeignStatement,
  verifyEnvelope,
  type Bundle,
  type ContentStore,
  type StoredBundle,
} from '@tenon/bundle'
import { assert, TenonError, type Digest, type Envelope } from '@tenon/contract'
import type { ChosenRelease } from './plan.ts'
import type { KnownKey, PackageSource } from './source.ts'

/** A release whose bundle is in the store and was checked in every way; `signer` is the publisher's key that vouches for it. */
export type BroughtRelease = ChosenRelease & { bundle: Bundle; signer: Digest; key: KeyObject }

/** Brings a release into the store, unless it lies there undamaged, and checks what it holds and who signed it. */
export async function bringBundle(
  store: ContentStore,
  source: PackageSource,
  chosen: ChosenRelease,
): Promise<BroughtRelease> {
  const { bundle, envelope } =
    (await undamaged(store, chosen.release.digest)) ?? (await download(store, source, chosen))
  const keys = await publisherKeys(source, envelope, chosen)
  const { statement, keyId } = verifyEnvelope(envelope, (id) => keys.get(id)?.publicKey)
  refuseForeignStatement(statement, bundle)
  refuseOtherPlugin(bundle, chosen)
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

/** Of the keys that signed, those that the registry knows as the publisher's. */
async function publisherKeys(
  source: PackageSource,
  { signatures }: Envelope,
  { id, release }: ChosenRelease,
): Promise<Map<string, KnownKey>> {
  const keys = new Map<string, KnownKey>()
  for (const { keyid } of signatures) {
    const known = await source.key(keyid as Digest)
    if (known?.publishers.includes(release.publisher) === true) keys.set(keyid, known)
  }
  if (keys.size > 0) return keys
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
