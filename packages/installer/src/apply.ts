import { join } from 'node:path'
import { contentStore, writeAside, type Generation } from '@tenon/bundle'
import { ownValue, prettyJson, TenonError, type Disk, type Revocation } from '@tenon/contract'
import { lockfileText, type Lockfile } from '@tenon/resolver'
import { bringBundle, keptBundle, type BroughtRelease } from './bring-bundle.ts'
import { changeAlone } from './change-alone.ts'
import { nextNumber, removeLeftovers, switchTo, writeGeneration } from './generations.ts'
import type { Machine } from './machine.ts'
import type { Change, InstallPlan } from './plan.ts'
import type { PackageSource } from './source.ts'
import { readTrustedKeys, trustKey, type TrustedKey } from './trusted-keys.ts'
import { readWorkspace, type Workspace } from './workspace.ts'

/** The folder of a workspace, and what belongs to this machine. */
export type Places = { folder: string; machine: Machine }

/**
 * Where an installation comes from, what was heard to be revoked there or was revoked here, and whether only what is certified
 * may come.
 */
export type Supply = { source: PackageSource; revocations: readonly Revocation[]; mustBeCertified?: boolean }

export type Applied = { generation: Generation; changes: Change[] }

/**
 * Installs a plan. What signs it is trusted on this machine from then on, on the registry's word. Everything is written beside what is in force; the last step switches `.tenon/current`, so that a kill
 * at any step leaves the old generation or the new one. Throws INSTALL_CONFLICT when the workspace has changed since the
 * plan was made.
 */
export const applyPlan = (
  disk: Disk,
  { folder, machine }: Places,
  plan: InstallPlan,
  { source, ...supply }: Supply,
): Promise<Applied> =>
  changeAlone(folder, async () => {
    const workspace = await readWorkspace(disk, folder)
    refuseOtherBase(workspace, plan)
    const { tenonFolder } = workspace
    await removeLeftovers(disk, folder, tenonFolder)
    const keys = await readTrustedKeys(disk, machine.home)
    const brought = await bringAll(disk, workspace, plan, { source, ...supply, keys })
    await trustSigners(disk, machine, keys, brought, source.url)
    const plugins = pluginsOf(brought, source.url)
    const lock = lockOf(brought, source.url)
    if (isInForce(workspace, plugins, lock, plan)) return { generation: workspace.generation, changes: [] }
    const number = await nextNumber(disk, tenonFolder)
    const generation: Generation = { generation: number, before: plan.base, plugins }
    const wanted = { 'tenon.json': prettyJson(plan.document), 'tenon.lock': lockfileText(lock) }
    await writeGeneration(disk, tenonFolder, number, { 'generation.json': prettyJson(generation), ...wanted })
    for (const [name, text] of Object.entries(wanted)) await writeAside(disk, join(folder, name), text)
    await switchTo(disk, tenonFolder, number)
    return { generation, changes: plan.changes }
  })

function refuseOtherBase({ generation: { generation } }: Workspace, { base }: InstallPlan): void {
  if (generation === base) return
  throw new TenonError('INSTALL_CONFLICT', `generation ${generation} is in force, the plan was made upon ${base}`, {
    hint: 'Plan again.',
  })
}

async function bringAll(
  disk: Disk,
  { tenonFolder, generation }: Workspace,
  { chosen }: InstallPlan,
  { source, keys, ...supply }: Supply & { keys: readonly TrustedKey[] },
): Promise<BroughtRelease[]> {
  const root = join(tenonFolder, 'store')
  await disk.makeFolder(root)
  await writeAside(disk, join(tenonFolder, '.gitignore'), '*\n')
  const store = contentStore(disk, root)
  const brought: BroughtRelease[] = []
  for (const one of chosen) {
    // What is installed stays, also when it was revoked since: whether it may run is asked whenever it starts.
    const kept = await keptBundle({ store, keys }, ownValue(generation.plugins, one.id), one)
    brought.push(kept ?? (await bringBundle(store, source, supply, one)))
  }
  return brought
}

/** Which keys a publisher has is known from the registry; what an operator said of a key stays as it is. */
async function trustSigners(
  disk: Disk,
  machine: Machine,
  keys: readonly TrustedKey[],
  brought: readonly BroughtRelease[],
  url: string,
): Promise<void> {
  const known = [...keys]
  for (const { signer, key, release } of brought) {
    const { publisher } = release
    const isKnown = known.some((one) => one.keyId === signer && one.publisher === publisher)
    if (!isKnown) known.push(await trustKey(disk, machine, { key, publisher, source: url }))
  }
}

const pluginsOf = (brought: readonly BroughtRelease[], registry: string): Generation['plugins'] =>
  Object.fromEntries(
    brought.map(({ id, release, bundle, signer }) => [
      id,
      {
        version: release.version,
        publisher: release.publisher,
        digest: release.digest,
        manifestDigest: bundle.manifestDigest,
        signer,
        registry,
      },
    ]),
  )

const lockOf = (brought: readonly BroughtRelease[], registry: string): Lockfile => ({
  version: 1,
  plugins: Object.fromEntries(
    brought.map(({ id, release, edges, signer }) => [
      id,
      { version: release.version, digest: release.digest, signer, registry, edges },
    ]),
  ),
})

/** Whether installing would change nothing, so that rolling back still leads to what was before. */
function isInForce(
  { generation, document, lock: written }: Workspace,
  plugins: Generation['plugins'],
  lock: Lockfile,
  plan: InstallPlan,
): boolean {
  const same = (a: object, b: object): boolean => prettyJson(a) === prettyJson(b)
  return same(plugins, generation.plugins) && same(lock, written) && same(plan.document, document)
}
