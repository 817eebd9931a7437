import { join } from 'node:path'
import { jsonValue } from '@tenon/contract'
import { folderStat, looksLike, type Look } from './file-stat.ts'
import { fileNames, filesAmong, recalled, type FoundFile, type KnownFolder, type ListedAs } from './listing.ts'

/** The folders of a root, as they are known to who looks for the same. */
export type KnownTree = { root: string; search: string; folders: ReadonlyMap<string, KnownFolder> }

/** What is known already of a folder that looks as it did: of each file, by its place, whether it does. Who asks looks himself where nothing is. */
export type SeenIn = (folder: string) => ((file: number) => boolean) | undefined

/** Of each file how it looked, or null where it is to be read. */
export type Looks = readonly (Look | null)[]

/** How a folder looks to who searches it, and when it was last changed, in milliseconds since 1970. */
export type FolderStat = { mark: string; changedAt: number }

export function lookAtFolder(
  { root, search }: Pick<KnownTree, 'root' | 'search'>,
  path: string,
): FolderStat | undefined {
  const stat = folderStat(join(root, path))
  return stat && { mark: `${search} ${stat.look.join(' ')}`, changedAt: stat.changedAt }
}

export const looksAs = (file: FoundFile, look: Look | null | undefined): boolean =>
  look !== null && look !== undefined && looksLike(file, look)

/** Of each file of a folder, in their order, whether it looks as it did; undefined where the folder itself does not. */
export function lookAtKnown(
  tree: Pick<KnownTree, 'root' | 'search'>,
  path: string,
  known: KnownFolder,
): boolean[] | undefined {
  if (lookAtFolder(tree, path)?.mark !== known.mark) return undefined
  const looks = looksIn(known, known)
  return filesAmong(recalled(tree.root, path, known).entries).map((file, at) => looksAs(file, looks[at]))
}

/** How the files of a folder looked that is listed as this now, in their order. */
export function looksIn(known: KnownFolder, now: ListedAs): Looks {
  // This program wrote it itself.
  const looks = jsonValue(known.looks) as Looks
  if (known.names === now.names) return looks
  const byName = new Map(fileNames(known).map((name, at) => [name, looks[at] ?? null]))
  return fileNames(now).map((name) => byName.get(name) ?? null)
}
