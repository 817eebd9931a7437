import {
  digesting,
  openBundle,
  readArchive,
  refuseForeignStatement,
  verifyEnvelope,
  type Bundle,
  type ContentStore,
} from '@tenon/bundle'
import { TenonError, type Digest } from '@tenon/contract'
import type { OfferedRelease, PackageSource } from './source.ts'

export type Installed = { bundle: Bundle; signer: Digest }

/** Brings a release into the store, unless it is there, and checks it in every way before and after. */
export async function bringBundle(
  store: ContentStore,
  source: PackageSource,
  id: string,
  release: OfferedRelease,
): Promise<Installed> {
  if (!(await store.has(release.digest))) await download(store, source, id, release)
  const { bundle, envelope } = await store.open(release.digest)
  const keys = new Map(
    await Promise.all(
      envelope.signatures.map(async ({ keyid }) => [keyid, await source.key(keyid as Digest)] as const),
    ),
  )
  const { statement, keyId } = verifyEnvelope(envelope, (key) => keys.get(key))
  refuseForeignStatement(statement, bundle)
  refuseOtherPlugin(bundle, id, release)
  return { bundle, signer: keyId }
}

async function download(
  store: ContentStore,
  source: PackageSource,
  id: string,
  release: OfferedRelease,
): Promise<void> {
  const passing = digesting(await source.artifact(release.digest))
  const archive = Buffer.concat(await Array.fromAsync(passing.bytes))
  const { digest } = passing.seen()
  if (digest !== release.digest)
    throw new TenonError(
      'BUNDLE_DIGEST_MISMATCH',
      `${id}@${release.version}: got ${digest}, the registry announced ${release.digest}`,
      {
        hint: 'The download was damaged or changed. Try again.',
      },
    )
  const files = await readArchive(archive)
  openBundle(files)
  await store.put(release.digest, files, release.envelope)
}

function refuseOtherPlugin({ manifest }: Bundle, id: string, release: OfferedRelease): void {
  const wanted = [id, release.version, release.publisher].join(' ')
  const got = [manifest.id, manifest.version, manifest.publisher].join(' ')
  if (wanted !== got) throw new TenonError('BUNDLE_CONTENT_MISMATCH', `asked for ${wanted}, the bundle holds ${got}`)
}
