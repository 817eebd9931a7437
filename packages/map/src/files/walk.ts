import { hash } from 'node:crypto'
import { readdirSync, statSync, type Dirent } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import { unlessExpected } from './expected-fault.ts'
import { DEFAULT_RULES, IGNORE_FILE, ignoreFilter, isUsableIgnoreFile, type IgnoreFilter } from './ignore-filter.ts'
import {
  entriesOf,
  recalled,
  SIDECAR,
  stemOf,
  type FoundFile,
  type KnownFolder,
  type Listing,
  type OrphanSidecar,
  type SignedName,
} from './listing.ts'
import { lookAtFolder, looksAs, looksIn, type KnownTree, type SeenIn } from './looks.ts'
import { readText } from './read-text.ts'

/** What is in a root, in the order of the names, folder by folder. */
export type Found = {
  files: FoundFile[]
  /** Those of them that do not look as they did, or that nobody knew; undefined where nobody looked. */
  changed?: ReadonlySet<FoundFile>
  folders: string[]
  orphanSidecars: OrphanSidecar[]
  listings: Listings
}

/** Whether a file was looked at, and looks as it did. */
export const isSame = ({ changed }: Pick<Found, 'changed'>, file: FoundFile): boolean =>
  changed !== undefined && !changed.has(file)

/** The folders that could be read, by their paths. */
export type Listings = ReadonlyMap<string, Listing>

export type WalkOptions = {
  /** Lower-case extensions with their dot. */
  extensions: ReadonlySet<string>
  /** Whether some Provider may read any file, so that all are listed. */
  any: boolean
  ignore: readonly string[]
  onSkipped: (path: string, reason: 'unreadable' | 'rule-too-long') => void
  /** Folders that are as they were listed before. */
  listed?: Listings | undefined
  memory?: FolderMemory
}

/** What is remembered of folders. */
export type FolderMemory = {
  /** Those of earlier, by their paths: where one looks as it did, it is not listed. */
  known: ReadonlyMap<string, KnownFolder>
  /** Those that changed after this, in milliseconds since 1970, may change again unseen. */
  settledAt: number
  /** Who has seen some of them already. Where nobody is asked no file is looked at. */
  seen?: ((tree: KnownTree) => SeenIn) | undefined
}

/** Lists a root's files. Links are never followed. Synchronous, because a promise for each folder would cost more than the call. */
export function walk(root: string, options: WalkOptions): Found {
  refuseNoFolder(root)
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  if (!isUsableIgnoreFile(text)) options.onSkipped(IGNORE_FILE, 'rule-too-long')
  const search = searchOf(options, text)
  const { known, seen } = options.memory ?? {}
  const seenIn = known && seen?.({ root, search, folders: known })
  const changed = new Set<FoundFile>()
  const found = { files: [], folders: [], orphanSidecars: [], listings: new Map(), ...(seenIn && { changed }) }
  walkFolder({ root, search, seenIn, ignored: ignoreFilter(options.ignore, text), found, options }, '')
  return found
}

/** Stands for all that decides, beside what is in a folder, what counts in it. */
const searchOf = ({ extensions, any, ignore }: WalkOptions, ignoreFile: string): string =>
  hash(
    'sha256',
    JSON.stringify([DEFAULT_RULES, ignore, ignoreFile, [...extensions].toSorted(), any]),
    'base64url',
  ).slice(0, 22)

/** Those of the listings of a root that hold still when no more than these files and folders, by their absolute paths, may have changed. */
export function listedStill(listings: Listings, root: string, touched: ReadonlySet<string>): Listings {
  const still = new Map(listings)
  for (const absolute of touched) {
    const path = relative(root, absolute).replaceAll(sep, '/')
    let around = parentOf(path)
    while (around !== '' && !listings.has(around)) around = parentOf(around)
    still.delete(around)
    if (still.has(path))
      for (const folder of listings.keys()) if (`${folder}/`.startsWith(`${path}/`)) still.delete(folder)
  }
  return still
}

function refuseNoFolder(root: string): void {
  if (unlessExpected(() => statSync(root))?.isDirectory()) return
  throw new TenonError('SCAN_FAILED', `${root} is no folder that can be read`, { hint: 'Give an existing folder.' })
}

const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

type Walk = {
  root: string
  search: string
  seenIn: SeenIn | undefined
  ignored: IgnoreFilter
  found: Found & { listings: Map<string, Listing>; changed?: Set<FoundFile> }
  options: WalkOptions
}

function walkFolder(tree: Walk, folder: string): void {
  const { root, found, options, seenIn } = tree
  const known = options.memory?.known.get(folder)
  const seen = known && seenIn?.(folder)
  const listing = seen ? recalled(root, folder, known) : (options.listed?.get(folder) ?? listingOf(tree, folder))
  if (listing === undefined) return options.onSkipped(folder, 'unreadable')
  found.listings.set(folder, listing)
  if (folder !== '') found.folders.push(folder)
  const looks = known === undefined || seenIn === undefined || seen ? [] : looksIn(known, listing.as)
  let at = 0
  for (const entry of listing.entries)
    if ('folder' in entry) walkFolder(tree, entry.folder)
    else if ('orphan' in entry) found.orphanSidecars.push(entry.orphan)
    else {
      found.files.push(entry.file)
      if (!(seen?.(at) ?? looksAs(entry.file, looks[at]))) found.changed?.add(entry.file)
      at += 1
    }
}

/** A folder is looked at before it is listed, so that what changes in between is found by the next look. */
function listingOf(tree: Walk, folder: string): Listing | undefined {
  const { root, options } = tree
  const { known, settledAt = 0 } = options.memory ?? {}
  const stat = options.memory && lookAtFolder(tree, folder)
  const was = known?.get(folder)
  if (was !== undefined && was.mark === stat?.mark) return recalled(root, folder, was)
  const names = namesIn(tree, folder)
  if (names === undefined) return undefined
  const mark = stat !== undefined && stat.changedAt < settledAt ? stat.mark : ''
  return { entries: entriesOf(root, folder, names), as: { mark, names: JSON.stringify(names) } }
}

function namesIn({ root, ignored, options }: Walk, folder: string): SignedName[] | undefined {
  const entries = unlessExpected((): Dirent[] => readdirSync(join(root, folder), { withFileTypes: true }))
  const { extensions, any } = options
  const isRead = (name: string): boolean => extensions.has(extensionOf(name)) || (any && extensionOf(name) !== SIDECAR)
  const names = new Set(entries?.filter((entry) => entry.isFile()).map(({ name }) => name))
  const stems = new Set([...names].filter(isRead).map(stemOf))
  return entries
    ?.sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): SignedName[] => {
      const { name } = entry
      const path = folder === '' ? name : `${folder}/${name}`
      if (entry.isDirectory()) return ignored(`${path}/`) ? [] : [`/${name}`]
      if (!entry.isFile() || ignored(path)) return []
      // The sidecar of a file bears its name with another extension and lies beside it.
      if (isRead(name)) return [names.has(`${stemOf(name)}${SIDECAR}`) ? `+${name}` : `-${name}`]
      // Where nobody reads files, nothing can be said of sidecars.
      const isOrphan = extname(name) === SIDECAR && (extensions.size > 0 || any) && !stems.has(stemOf(name))
      return isOrphan ? [`?${name}`] : []
    })
}

const extensionOf = (name: string): string => extname(name).toLowerCase()
