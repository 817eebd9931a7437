import { join } from 'node:path'
import { contentStore, writeAside, type Generation } from '@tenon/bundle'
import { prettyJson, TenonError, type Disk } from '@tenon/contract'
import { lockfileText, type Lockfile } from '@tenon/resolver'
import { bringBundle, type BroughtRelease } from './bring-bundle.ts'
import { changeAlone } from './change-alone.ts'
import { nextNumber, removeLeftovers, switchTo, writeGeneration } from './generations.ts'
import type { Change, InstallPlan } from './plan.ts'
import type { PackageSource } from './source.ts'
import { readWorkspace, type Workspace } from './workspace.ts'

export type Applied = { generation: Generation; changes: Change[] }

/**
 * Installs a plan. Everything is written beside what is in force; the last step switches `.tenon/current`, so that a kill
 * at any step leaves the old generation or the new one. Throws INSTALL_CONFLICT when the workspace has changed since the
 * plan was made.
 */
export const applyPlan = (disk: Disk, folder: string, plan: InstallPlan, source: PackageSource): Promise<Applied> =>
  changeAlone(folder, async () => {
    const workspace = await readWorkspace(disk, folder)
    refuseOtherBase(workspace, plan)
    const { tenonFolder } = workspace
    await removeLeftovers(disk, folder, tenonFolder)
    const brought = await bringAll(disk, tenonFolder, plan, source)
    const plugins = pluginsOf(brought)
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
  tenonFolder: string,
  { chosen }: InstallPlan,
  source: PackageSource,
): Promise<BroughtRelease[]> {
  const root = join(tenonFolder, 'store')
  await disk.makeFolder(root)
  await writeAside(disk, join(tenonFolder, '.gitignore'), '*\n')
  const brought: BroughtRelease[] = []
  for (const one of chosen) brought.push(await bringBundle(contentStore(disk, root), source, one))
  return brought
}

const pluginsOf = (brought: readonly BroughtRelease[]): Generation['plugins'] =>
  Object.fromEntries(
    brought.map(({ id, release, bundle, signer }) => [
      id,
      {
        version: release.version,
        publisher: release.publisher,
        digest: release.digest,
        manifestDigest: bundle.manifestDigest,
        signer,
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
