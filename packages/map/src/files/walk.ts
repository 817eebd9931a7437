import { hash } from 'node:crypto'
import { readdirSync, statSync, type Dirent } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import { unlessExpected } from './expected-fault.ts'
import { folderStat, type FileStat } from './file-stat.ts'
import { DEFAULT_RULES, IGNORE_FILE, ignoreFilter, isUsableIgnoreFile, type IgnoreFilter } from './ignore-filter.ts'
import {
  entriesOf,
  knownAs,
  recalled,
  SIDECAR,
  stemOf,
  type FoundFile,
  type KnownFolder,
  type Listing,
  type OrphanSidecar,
  type SignedName,
} from './listing.ts'
import { readText } from './read-text.ts'

/** What is in a root, in the order of the names, folder by folder. */
export type Found = { files: FoundFile[]; folders: string[]; orphanSidecars: OrphanSidecar[]; listings: Listings }

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
  /** Those that changed after this, in milliseconds since 1970, may change again unseen, and are not remembered. */
  settledAt: number
}

/** Lists a root's files. Links are never followed. Synchronous, because a promise for each folder would cost more than the call. */
export function walk(root: string, options: WalkOptions): Found {
  refuseNoFolder(root)
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  if (!isUsableIgnoreFile(text)) options.onSkipped(IGNORE_FILE, 'rule-too-long')
  const found = { files: [], folders: [], orphanSidecars: [], listings: new Map() }
  const search = searchOf(options, text)
  walkFolder({ root, search, ignored: ignoreFilter(options.ignore, text), found, options }, '')
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
  ignored: IgnoreFilter
  found: Found & { listings: Map<string, Listing> }
  options: WalkOptions
}

function walkFolder(tree: Walk, folder: string): void {
  const { found, options } = tree
  const listing = options.listed?.get(folder) ?? listingOf(tree, folder)
  if (listing === undefined) return options.onSkipped(folder, 'unreadable')
  found.listings.set(folder, listing)
  if (folder !== '') found.folders.push(folder)
  for (const entry of listing.entries)
    if ('folder' in entry) walkFolder(tree, entry.folder)
    else if ('file' in entry) found.files.push(entry.file)
    else found.orphanSidecars.push(entry.orphan)
}

/** A folder is looked at before it is listed, so that what changes in between is found by the next look. */
function listingOf(tree: Walk, folder: string): Listing | undefined {
  const { root, options } = tree
  const stat = options.memory && lookAt(tree, folder)
  const known = options.memory?.known.get(folder)
  if (known !== undefined && known.mark === stat?.mark) return recalled(root, folder, known)
  const names = namesIn(tree, folder)
  if (names === undefined) return undefined
  const isSettled = stat !== undefined && stat.changedAt < (options.memory?.settledAt ?? 0)
  return { entries: entriesOf(root, folder, names), ...(isSettled && { known: knownAs(stat.mark, names) }) }
}

function lookAt({ root, search }: Walk, folder: string): FileStat | undefined {
  const stat = folderStat(join(root, folder))
  return stat && { ...stat, mark: `${search} ${stat.mark}` }
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
