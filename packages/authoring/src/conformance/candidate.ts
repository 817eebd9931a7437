import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Disk } from '@tenon/contract'
import { requireSpec, type PluginFolder } from '../folder/plugin-folder.ts'
import { linkPackages } from './packages.ts'
import type { Candidate } from './scene.ts'

/**
 * A plugin's files as they were read, in a folder of their own: what is tested is what was checked, whatever lies beside it or
 * changes meanwhile. With them are the packages that are installed for the folder `from`. Throws SPEC_INVALID for a folder
 * without a valid spec. Disposing removes the folder.
 */
export async function laidOut(
  disk: Disk,
  folder: PluginFolder,
  from = folder.root,
): Promise<Candidate & AsyncDisposable> {
  const spec = requireSpec(folder)
  const above = await realpath(await mkdtemp(join(tmpdir(), 'tenon-candidate-')))
  const root = join(above, spec.id)
  for (const { path, bytes } of folder.files) {
    await disk.makeFolder(dirname(join(root, path)))
    await disk.write(join(root, path), bytes)
  }
  const dispose = (): Promise<void> => rm(above, { recursive: true, force: true })
  const packages = await linkPackages({ ...folder, root: from }, root)
  return { spec, folder: { ...folder, root }, packages, [Symbol.asyncDispose]: dispose }
}
