import { gitBlobs, gitTree, type GitFile, type Repository } from '@tenon/bundle'
import { requireIdentityLedger } from '@tenon/ledger'
import { identityFiles } from '../identity/history.ts'
import { identitiesOf, type Identities } from '../identity/identities.ts'
import { CHECKPOINT, LEDGER } from '../identity/identity-store.ts'
import { manifestDigests, type ManifestDigests } from '../identity/manifest-digests.ts'
import { objectsOf, snapshotReader, type GovernedPlugin, type Snapshot } from '../identity/snapshot.ts'

/** What governs a repository at one commit, read from git's objects alone. */
export type GovernedState = {
  revision: string
  /** Every file of the commit, by path. */
  files: ReadonlyMap<string, GitFile>
  /** The text of a file that governs, or of a spec; undefined when there is none. */
  text(path: string): string | undefined
  bytes(path: string): Uint8Array | undefined
  snapshot: Snapshot
  /** The plugins with an identity, by their folders. */
  plugins: ReadonlyMap<string, GovernedPlugin>
  manifests: ReadonlyMap<GovernedPlugin, ManifestDigests>
}

const READ =
  /^(ids\/|\.ledger\/|scripts\/ids\/|\.github\/workflows\/id-|policies\/|\.gitattributes$|plugins\/[^/]+\/plugin\.spec\.json$)/

export async function governedState(repository: Repository, revision: string): Promise<GovernedState> {
  const files = new Map((await gitTree(repository, revision)).map((file) => [file.path, file]))
  const read = [...files.values()].filter(({ path, mode }) => READ.test(path) && mode.startsWith('100'))
  const identity = await identityFiles(repository, revision)
  const blobs = await gitBlobs(repository, [...read.map(({ object }) => object), ...objectsOf(identity)])
  const snapshot = snapshotReader(blobs)(identity)
  const bytes = (path: string): Buffer | undefined => blobs.get(files.get(path)?.object ?? '')
  return {
    revision,
    files,
    bytes,
    text: (path) => bytes(path)?.toString('utf8'),
    snapshot,
    plugins: new Map(snapshot.plugins.map((plugin) => [plugin.path, plugin])),
    manifests: await manifestDigests(repository, snapshot.plugins),
  }
}

/** What the ledger of a commit says; of one without a ledger, nothing. Throws LEDGER_BROKEN. */
export async function sealedAt({ bytes }: GovernedState): Promise<Identities> {
  const { lines } = await requireIdentityLedger(bytes(LEDGER) ?? Buffer.of(), bytes(CHECKPOINT))
  return identitiesOf(lines())
}

/** The folder of a plugin that a path lies in, from the top of the repository. */
export const pluginFolderOf = (path: string): string | undefined => /^plugins\/[^/]+(?=\/)/.exec(path)?.[0]
