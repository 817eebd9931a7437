import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isExpected } from '../files/expected-fault.ts'

/** What lies below a folder: paths relative to it, with `/`, in the order of their names. Nothing is followed. */
export type Tree = {
  folders: string[]
  files: string[]
  /** What is neither, such as links. */
  others: string[]
}

/** Everything below the folder; nothing when it is none, or only a link to one. */
export async function treeOf(folder: string): Promise<Tree> {
  const tree: Tree = { folders: [], files: [], others: [] }
  const found = await lstat(folder).catch(noneIfExpected)
  if (found?.isDirectory() === true) await collect(tree, folder, '')
  return tree
}

async function collect(tree: Tree, root: string, folder: string): Promise<void> {
  const entries = (await readdir(join(root, folder), { withFileTypes: true }).catch(noneIfExpected)) ?? []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    listOf(tree, entry).push(path)
    if (entry.isDirectory()) await collect(tree, root, path)
  }
}

function listOf(tree: Tree, entry: Dirent): string[] {
  if (entry.isDirectory()) return tree.folders
  return entry.isFile() ? tree.files : tree.others
}

function noneIfExpected(thrown: unknown): undefined {
  if (!isExpected(thrown)) throw thrown
}
