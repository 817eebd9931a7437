import { join } from 'node:path'
import { contentStore, writeAside, type Generation } from '@tenon/bundle'
import { prettyJson, TenonError, type Disk } from '@tenon/contract'
import { lockfileText, type Lockfile } from '@tenon/resolver'
import { bringBundle, type Installed } from './bring-bundle.ts'
import type { InstallPlan } from './plan.ts'
import type { PackageSource } from './source.ts'
import { readWorkspace } from './workspace.ts'

export type Applied = { generation: Generation; changes: InstallPlan['changes'] }

/**
 * Installs a plan. Everything is written beside what is in force; the last step switches `.tenon/current`, so that a kill
 * at any step leaves the old generation or the new one.
 */
export async function applyPlan(
  disk: Disk,
  folder: string,
  plan: InstallPlan,
  source: PackageSource,
): Promise<Applied> {
  const workspace = await readWorkspace(disk, folder)
  if (workspace.generation.generation !== plan.base)
    throw new TenonError(
      'INSTALL_CONFLICT',
      `generation ${workspace.generation.generation} is in force, the plan was made upon ${plan.base}`,
      {
        hint: 'Plan again.',
      },
    )
  const { tenonFolder } = workspace
  const store = contentStore(disk, join(tenonFolder, 'store'))
  await disk.makeFolder(join(tenonFolder, 'store'))
  await writeAside(disk, join(tenonFolder, '.gitignore'), '*\n')
  const installed: Record<string, Installed> = {}
  for (const [id, { release }] of Object.entries(plan.chosen))
    installed[id] = await bringBundle(store, source, id, release)
  const number = (await newestGeneration(disk, tenonFolder)) + 1
  const generation = generationOf(number, plan, installed)
  const lock = lockOf(plan, installed, source.url)
  const texts = {
    'generation.json': prettyJson(generation),
    'tenon.lock': lockfileText(lock),
    'tenon.json': prettyJson(plan.document),
  }
  await writeGeneration(disk, tenonFolder, number, texts)
  await writeAside(disk, join(folder, 'tenon.json'), texts['tenon.json'])
  await writeAside(disk, join(folder, 'tenon.lock'), texts['tenon.lock'])
  await switchTo(disk, tenonFolder, number)
  return { generation, changes: plan.changes }
}

const generationOf = (number: number, plan: InstallPlan, installed: Record<string, Installed>): Generation => ({
  generation: number,
  plugins: Object.fromEntries(
    Object.entries(installed).map(([id, { bundle, signer }]) => [
      id,
      {
        version: bundle.manifest.version,
        ...(bundle.manifest.publisher === undefined ? {} : { publisher: bundle.manifest.publisher }),
        digest: plan.chosen[id]?.release.digest ?? '',
        manifestDigest: bundle.manifestDigest,
        signer,
      },
    ]),
  ),
})

const lockOf = (plan: InstallPlan, installed: Record<string, Installed>, registry: string): Lockfile => ({
  version: 1,
  plugins: Object.fromEntries(
    Object.entries(plan.chosen).map(([id, { version, edges, release }]) => [
      id,
      { version, digest: release.digest, signer: installed[id]?.signer ?? release.digest, registry, edges },
    ]),
  ),
})

async function newestGeneration(disk: Disk, tenonFolder: string): Promise<number> {
  const names = await disk.list(join(tenonFolder, 'generations'))
  return Math.max(0, ...names.filter((name) => /^[1-9][0-9]*$/.test(name)).map(Number))
}

async function writeGeneration(
  disk: Disk,
  tenonFolder: string,
  number: number,
  texts: Record<string, string>,
): Promise<void> {
  const home = join(tenonFolder, 'generations', String(number))
  const aside = `${home}.aside`
  await disk.remove(aside)
  await disk.makeFolder(aside)
  for (const [name, text] of Object.entries(texts)) {
    await disk.write(join(aside, name), Buffer.from(text), 0o444)
    await disk.flush(join(aside, name))
  }
  await disk.flush(aside)
  await disk.rename(aside, home)
  await disk.flush(join(tenonFolder, 'generations'))
}

/** Makes a generation the one in force: the commit point of installation and rollback. */
export async function switchTo(disk: Disk, tenonFolder: string, number: number): Promise<void> {
  const aside = join(tenonFolder, 'current.aside')
  await disk.remove(aside)
  await disk.makeLink(`generations/${number}`, aside)
  await disk.rename(aside, join(tenonFolder, 'current'))
  await disk.flush(tenonFolder)
}
