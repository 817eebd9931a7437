import { join } from 'node:path'
import { gitBlobs, writeAside, type Repository } from '@tenon/bundle'
import { TenonError, type Disk, type Problem } from '@tenon/contract'
import { requireIdentityLedger } from '@tenon/ledger'
import { identityFiles } from './history.ts'
import { identitiesOf, type Identities } from './identities.ts'
import { changedCards } from './identity-problems.ts'
import { lyingFiles, REGISTRY } from './identity-store.ts'
import { registryDifference, registryText } from './registry.ts'
import { objectsOf, snapshotReader } from './snapshot.ts'

/**
 * What the ledger of the working tree says, after everything in it was verified, and each card of HEAD found as it was sealed.
 * Throws LEDGER_BROKEN or CARD_CHANGED.
 */
export async function sealedIdentities(disk: Disk, repository: Repository): Promise<Identities> {
  const { ledger, checkpoint } = await lyingFiles(disk, repository)
  const identities = identitiesOf((await requireIdentityLedger(ledger, checkpoint)).lines())
  const files = await identityFiles(repository, 'HEAD')
  const problems = changedCards(identities, snapshotReader(await gitBlobs(repository, objectsOf(files)))(files))
  if (problems.length > 0)
    throw new TenonError('CARD_CHANGED', `${problems.length} card(s) are not what was sealed`, { problems })
  return identities
}

/** Where the registry is not what the ledger implies, and what it should be. */
export async function registryDrift(
  disk: Disk,
  repository: Repository,
): Promise<{ text: string; problems: Problem[] }> {
  const text = registryText(await sealedIdentities(disk, repository))
  const lying = await disk.read(join(repository.folder, REGISTRY))
  const difference = registryDifference(Buffer.from(lying ?? []).toString(), text)
  if (difference === undefined) return { text, problems: [] }
  const hint = 'Run "tenon ids registry".'
  return { text, problems: [{ pointer: '', file: REGISTRY, code: 'DERIVED_DRIFT', ...difference, hint }] }
}

/** Writes the registry that the ledger implies, and says whether it was another. */
export async function writeRegistry(disk: Disk, repository: Repository): Promise<boolean> {
  const { text, problems } = await registryDrift(disk, repository)
  if (problems.length > 0) await writeAside(disk, join(repository.folder, REGISTRY), text)
  return problems.length > 0
}
