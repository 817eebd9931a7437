import { readdirSync, statSync, type Dirent } from 'node:fs'
import { basename, extname, join, relative, sep } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import type { FileStat } from './file-stat.ts'
import { IGNORE_FILE, ignoreFilter, isUsableIgnoreFile, type IgnoreFilter } from './ignore-filter.ts'
import { isExpected, readText } from './read-text.ts'

/** A sidecar beside which no file lies that some Provider reads, and the file that it would be for. Both relative to the root. */
export type OrphanSidecar = { relativePath: string; expectedMdPath: string }

/** What is in a root, in the order of the names, folder by folder. */
export type Found = { files: FoundFile[]; folders: string[]; orphanSidecars: OrphanSidecar[]; listings: Listings }

/** What counts in each folder that could be read, by its path. */
export type Listings = ReadonlyMap<string, readonly Entry[]>

type Entry = { folder: string } | { file: FoundFile } | { orphan: OrphanSidecar }

/** A file that some Provider may read. `path` is relative to its root, with `/`; `stat` is there once it was looked at. */
export type FoundFile = { path: string; absolute: string; sidecar?: string; stat?: FileStat }

export type WalkOptions = {
  /** Lower-case extensions with their dot. */
  extensions: ReadonlySet<string>
  /** Whether some Provider may read any file, so that all are listed. */
  any: boolean
  ignore: readonly string[]
  onSkipped: (path: string, reason: 'unreadable' | 'rule-too-long') => void
  /** Folders that are as they were listed before. */
  listed?: Listings | undefined
}

/** Lists a root's files. Links are never followed. Synchronous, because a promise for each folder would cost more than the call. */
export function walk(root: string, options: WalkOptions): Found {
  refuseNoFolder(root)
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  if (!isUsableIgnoreFile(text)) options.onSkipped(IGNORE_FILE, 'rule-too-long')
  const found = { files: [], folders: [], orphanSidecars: [], listings: new Map() }
  walkFolder({ root, ignored: ignoreFilter(options.ignore, text), found, options }, '')
  return found
}

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
  ignored: IgnoreFilter
  found: Found & { listings: Map<string, readonly Entry[]> }
  options: WalkOptions
}

function walkFolder(tree: Walk, folder: string): void {
  const { found, options } = tree
  const listing = options.listed?.get(folder) ?? listFolder(tree, folder)
  if (listing === undefined) return options.onSkipped(folder, 'unreadable')
  found.listings.set(folder, listing)
  if (folder !== '') found.folders.push(folder)
  for (const entry of listing)
    if ('folder' in entry) walkFolder(tree, entry.folder)
    else if ('file' in entry) found.files.push(entry.file)
    else found.orphanSidecars.push(entry.orphan)
}

function listFolder({ root, ignored, options }: Walk, folder: string): Entry[] | undefined {
  const entries = unlessExpected((): Dirent[] => readdirSync(join(root, folder), { withFileTypes: true }))
  const { extensions, any } = options
  const isRead = (name: string): boolean => extensions.has(extensionOf(name)) || (any && extensionOf(name) !== SIDECAR)
  const names = new Set(entries?.filter((entry) => entry.isFile()).map(({ name }) => name))
  const stems = new Set([...names].filter(isRead).map(stemOf))
  return entries
    ?.sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry): Entry[] => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return ignored(`${path}/`) ? [] : [{ folder: path }]
      if (!entry.isFile() || ignored(path)) return []
      if (isRead(entry.name)) return [{ file: { path, absolute: join(root, path), ...sidecarOf(root, path, names) } }]
      // Where nobody reads files, nothing can be said of sidecars.
      const isOrphan = extname(path) === SIDECAR && (extensions.size > 0 || any) && !stems.has(stemOf(entry.name))
      return isOrphan ? [{ orphan: { relativePath: path, expectedMdPath: `${stemOf(path)}.md` } }] : []
    })
}

const SIDECAR = '.sm'

const extensionOf = (name: string): string => extname(name).toLowerCase()

const stemOf = (path: string): string => path.slice(0, path.length - extname(path).length)

/** The sidecar of a file bears its name with `.sm` for its extension and lies beside it. */
function sidecarOf(root: string, path: string, names: ReadonlySet<string>): { sidecar?: string } {
  const sidecar = `${stemOf(path)}${SIDECAR}`
  return names.has(basename(sidecar)) ? { sidecar: join(root, sidecar) } : {}
}

function unlessExpected<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (thrown) {
    if (isExpected(thrown)) return undefined
    throw thrown
  }
}
