import {
  isCertified,
  openBundle,
  readArchive,
  readPublicKey,
  refuseForeignStatement,
  uncertified,
  verifyEnvelope,
  type Bundle,
} from '@tenon/bundle'
import {
  asTenonError,
  TenonError,
  type Audit,
  type BlobStore,
  type Digest,
  type Envelope,
  type Statement,
  type World,
} from '@tenon/contract'
import { refuseRevokedKey } from './revoked-key.ts'
import type { PublishedVersion, RegistryStore, StoredVersion } from './store.ts'

export type PublishPorts = {
  store: RegistryStore
  blobs: BlobStore
  audit: Audit
  world: World
  /** Only what passed every gate of certification is taken. */
  mustBeCertified?: boolean
}
export type PublishRequest = { id: string; digest: Digest; envelope: Envelope; publisher: string; traceId: string }

/** Publishes an uploaded artifact. Whatever the outcome, it is an audit entry. */
export async function publishVersion(
  ports: PublishPorts,
  request: PublishRequest,
): Promise<{ isNew: boolean; stored: StoredVersion }> {
  const record = (decision: 'allow' | 'deny', reason: string): Promise<void> =>
    ports.audit.record({
      actor: `publisher:${request.publisher}`,
      action: 'registry.publish',
      target: request.id,
      decision,
      reason,
      traceId: request.traceId,
      details: { digest: request.digest },
    })
  try {
    const published = await examine(ports, request)
    const outcome = await ports.store.publish(published)
    await record('allow', `${outcome.isNew ? 'published' : 'known'}: ${published.spec.version}`)
    return outcome
  } catch (thrown) {
    await record('deny', asTenonError(thrown).code)
    throw thrown
  }
}

/** Looks at everything that a later installation will look at, so that what is published can be installed. */
async function examine(
  { store, blobs, world, mustBeCertified = false }: PublishPorts,
  request: PublishRequest,
): Promise<PublishedVersion> {
  const { digest, envelope, publisher, traceId } = request
  const bytes = await blobs.get(digest)
  if (bytes === undefined)
    throw new TenonError('ARTIFACT_UNKNOWN', `the artifact ${digest} was not uploaded`, {
      hint: `Upload it first: PUT /artifacts/sha256/<hex>.`,
    })
  const archive = Buffer.concat(await Array.fromAsync(bytes))
  const bundle = openBundle(await readArchive(archive))
  refuseOtherIdentity(bundle, request)
  const { statement, keyId } = await verified(store, envelope, publisher)
  refuseRevokedKey(await store.revocations(), keyId, publisher)
  refuseForeignStatement(statement, bundle)
  if (mustBeCertified) refuseUncertified(request.id, statement)
  const { spec, manifestDigest } = bundle
  const facts = { digest, manifestDigest, size: archive.length, publishedAt: world.now(), traceId }
  return { spec, publisher, envelope, keyId, verification: verificationOf(statement), ...facts }
}

function refuseOtherIdentity({ spec }: Bundle, { id, publisher }: PublishRequest): void {
  if (spec.id !== id)
    throw new TenonError('BUNDLE_CONTENT_MISMATCH', `the bundle holds "${spec.id}", and was sent to publish "${id}"`)
  if (spec.publisher !== publisher)
    throw new TenonError(
      'PERMISSION_DENIED',
      `the token is ${publisher}'s, and the bundle's publisher is ${spec.publisher ?? 'missing'}`,
      { hint: 'Set "publisher" in plugin.spec.json to the publisher of the token, and pack again.' },
    )
  if (spec.version.includes('+'))
    throw new TenonError('SPEC_INVALID', `"${spec.version}" holds build metadata, which a published version must not`)
}

function refuseUncertified(id: string, { predicate }: Statement): void {
  const problems = uncertified(predicate)
  if (problems.length === 0) return
  throw new TenonError(
    'ATTESTATION_MISSING',
    `"${id}" is not certified, as this registry requires: ${problems[0]?.message}`,
    {
      problems,
      hint: 'Run "tenon plugin certify", and publish the bundle that it writes.',
    },
  )
}

/** Only a key that the token's publisher has brought may sign for it. */
async function verified(store: RegistryStore, envelope: Envelope, publisher: string) {
  const known = await Promise.all(envelope.signatures.map(({ keyid }) => store.key(keyid as Digest)))
  const own = known.flat().filter((key) => key.publisher === publisher)
  return verifyEnvelope(envelope, (keyId) => {
    const key = own.find((candidate) => candidate.keyId === keyId)
    return key && readPublicKey(key.publicKey)
  })
}

const verificationOf = ({ predicate }: Statement): PublishedVersion['verification'] =>
  isCertified(predicate) ? 'certified' : 'signed'
