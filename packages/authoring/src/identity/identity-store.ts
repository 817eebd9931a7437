import { join } from 'node:path'
import { gitBlobs, gitTree, type Repository } from '@tenon/bundle'
import { TenonError, type Disk } from '@tenon/contract'
import { CHECKPOINT_FILE, IDENTITY_STREAM } from '@tenon/ledger'

const FOLDER = '.ledger'
export const LEDGER = `${FOLDER}/${IDENTITY_STREAM}`
export const CHECKPOINT = `${FOLDER}/${CHECKPOINT_FILE}`
export const REGISTRY = 'ids/registry.yaml'

/** The ledger and its checkpoint, as bytes. A ledger that was never written is empty. */
export type LedgerFiles = { ledger: Uint8Array; checkpoint: Uint8Array | undefined }

export const lyingFiles = async (disk: Disk, { folder }: Repository): Promise<LedgerFiles> => ({
  ledger: (await disk.read(join(folder, LEDGER))) ?? Buffer.of(),
  checkpoint: await disk.read(join(folder, CHECKPOINT)),
})

async function committedFiles(repository: Repository, revision: string): Promise<LedgerFiles> {
  const files = new Map((await gitTree(repository, revision, FOLDER)).map(({ path, object }) => [path, object]))
  const blobs = await gitBlobs(repository, files.values())
  const bytesOf = (path: string): Buffer | undefined => blobs.get(files.get(path) ?? '')
  return { ledger: bytesOf(LEDGER) ?? Buffer.of(), checkpoint: bytesOf(CHECKPOINT) }
}

/** The ledger that lies in the working tree, which may only go on from the one that was committed. Throws SEAL_REFUSED. */
export async function presentFiles(
  disk: Disk,
  repository: Repository,
): Promise<LedgerFiles & { committed: LedgerFiles }> {
  const [lying, committed] = [await lyingFiles(disk, repository), await committedFiles(repository, 'HEAD')]
  if (Buffer.compare(lying.ledger.subarray(0, committed.ledger.length), committed.ledger) === 0)
    return { ...lying, committed }
  throw new TenonError('SEAL_REFUSED', `${LEDGER} in the working tree does not go on from that of HEAD`, {
    hint: `Take it back with "git checkout HEAD -- ${FOLDER}".`,
  })
}
