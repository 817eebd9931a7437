import type { KeyObject } from 'node:crypto'
import type { Digest, Envelope } from '@tenon/contract'
import type { Release } from '@tenon/resolver'
import type { RevocationSource } from './heard-revocations.ts'

/** A release as a registry offers it: with the digest of its archive and the envelope that signs its manifest. */
export type OfferedRelease = Release & { publisher: string; digest: Digest; envelope: Envelope }

/** A public key, and for whom it may sign. */
export type KnownKey = { publicKey: KeyObject; publishers: readonly string[] }

/** The registry, as an installation needs it. */
export type PackageSource = RevocationSource & {
  releases(id: string): Promise<readonly OfferedRelease[]>
  artifact(digest: Digest): Promise<AsyncIterable<Uint8Array>>
  /** The key of that id, if the registry knows one. */
  key(keyId: Digest): Promise<KnownKey | undefined>
}
