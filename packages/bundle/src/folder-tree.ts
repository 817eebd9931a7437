import { join } from 'node:path'
import { TenonError, type Disk } from '@tenon/contract'
import type { PluginFile } from './archive.ts'
import { mismatch } from './mismatch.ts'

/** The paths below a folder: of its regular files, and of what is neither file nor folder, such as a link. */
export type FolderTree = { files: string[]; irregular: string[] }

/** Lists a folder and all below it, but for names that are no part of it. */
export async function listTree(disk: Disk, root: string, isPart = (_name: string) => true): Promise<FolderTree> {
  const tree: FolderTree = { files: [], irregular: [] }
  await walk('')
  return tree

  async function walk(folder: string): Promise<void> {
    for (const name of (await disk.list(join(root, folder))).filter(isPart)) {
      const path = folder === '' ? name : `${folder}/${name}`
      const kind = await disk.kind(join(root, path))
      if (kind === 'folder') await walk(path)
      else (kind === 'file' ? tree.files : tree.irregular).push(path)
    }
  }
}

/** Every regular file below a folder. A link or a special file is refused. */
export async function readTree(disk: Disk, root: string): Promise<PluginFile[]> {
  const { files, irregular } = await listTree(disk, root)
  if (irregular.length > 0)
    throw new TenonError('BUNDLE_CONTENT_MISMATCH', `${irregular.join(', ')} is no regular file`, {
      problems: irregular.map((path) => mismatch(path, 'is no regular file')),
    })
  return readFiles(disk, root, files)
}

export async function readFiles(disk: Disk, root: string, paths: readonly string[]): Promise<PluginFile[]> {
  const files: PluginFile[] = []
  for (const path of paths) {
    const bytes = await disk.read(join(root, path))
    // A file that went while the folder was read is no part of it any more.
    if (bytes !== undefined) files.push({ path, bytes })
  }
  return files
}
