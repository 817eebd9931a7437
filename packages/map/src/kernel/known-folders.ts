import { posix } from 'node:path'
import type { Look } from '../files/file-stat.ts'
import { filesAmong, type FoundFile, type KnownFolder } from '../files/listing.ts'
import { looksIn, type KnownTree, type SeenIn } from '../files/looks.ts'
import { isSame, type Found } from '../files/walk.ts'
import type { SecondThread } from '../thread/second-thread.ts'
import { seenIn, sharedLooks } from '../thread/shared-looks.ts'
import type { GatherRun } from './gathering.ts'
import type { KnownFile, Knowledge } from './snapshot.ts'

export type KnownFolders = Knowledge['folders'][number]

/** The folders of a root. Where one is as it was, and no file in it had to be read, it stays the same object. */
export function foldersIn(
  { tried, files }: Pick<GatherRun, 'tried' | 'files'>,
  found: Found,
  before: KnownFolders,
): KnownFolders {
  const triedIn = new Set([...tried].map((path) => posix.dirname(path)))
  const folders = new Map<string, KnownFolder>()
  for (const [path, { as, entries }] of found.listings) {
    const was = before.get(path)
    const isListedAsBefore = was?.mark === as.mark && was.names === as.names
    if (was !== undefined && isListedAsBefore && !triedIn.has(path || '.')) {
      folders.set(path, was)
      continue
    }
    const looks = was === undefined ? [] : looksIn(was, as)
    const lookOf = (file: FoundFile, at: number): Look | null =>
      isSame(found, file) && !tried.has(file.path) ? (looks[at] ?? null) : keptLook(files.get(file.path))
    folders.set(path, { ...as, looks: JSON.stringify(filesAmong(entries).map(lookOf)) })
  }
  return folders
}

/** What nobody claims is known of nobody, and is offered to all again. */
const keptLook = (known: KnownFile | undefined): Look | null =>
  known === undefined || known.isUnfinished === true ? null : (known.look ?? null)

/** What a thread that has begun has seen; it begins for nothing else. */
export function seenBeside(thread: SecondThread, tree: KnownTree): SeenIn {
  if (!thread.isBegun) return () => undefined
  const looks = sharedLooks(tree)
  thread.look(looks)
  return seenIn(looks)
}
