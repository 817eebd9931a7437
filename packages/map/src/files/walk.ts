import { readdirSync, statSync, type Dirent } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { limits, TenonError } from '@tenon/contract'
import { IGNORE_FILE, ignoreFilter, isUsableIgnoreFile, type IgnoreFilter } from './ignore-filter.ts'
import { isExpected, readText } from './read-text.ts'

/** A sidecar beside which no file lies that some Provider reads, and the file that it would be for. Both relative to the root. */
export type OrphanSidecar = { relativePath: string; expectedMdPath: string }

/** What is in a root, in the order of the names, folder by folder. */
export type Found = { files: FoundFile[]; folders: string[]; orphanSidecars: OrphanSidecar[] }

/** A file that some Provider may read. `path` is relative to its root, with `/`. */
export type FoundFile = { path: string; absolute: string; sidecar?: string }

export type WalkOptions = {
  /** Lower-case extensions with their dot. */
  extensions: ReadonlySet<string>
  /** Whether some Provider may read any file, so that all are listed. */
  any: boolean
  ignore: readonly string[]
  onSkipped: (path: string, reason: 'unreadable' | 'rule-too-long') => void
}

/** Lists a root's files. Links are never followed. Synchronous, because a promise for each folder would cost more than the call. */
export function walk(root: string, options: WalkOptions): Found {
  refuseNoFolder(root)
  const { text = '' } = readText(join(root, IGNORE_FILE), limits.mapFileBytes)
  if (!isUsableIgnoreFile(text)) options.onSkipped(IGNORE_FILE, 'rule-too-long')
  const found: Found = { files: [], folders: [], orphanSidecars: [] }
  walkFolder({ root, ignored: ignoreFilter(options.ignore, text), found, options }, '')
  return found
}

function refuseNoFolder(root: string): void {
  if (unlessExpected(() => statSync(root))?.isDirectory()) return
  throw new TenonError('SCAN_FAILED', `${root} is no folder that can be read`, { hint: 'Give an existing folder.' })
}

type Walk = { root: string; ignored: IgnoreFilter; found: Found; options: WalkOptions }

function walkFolder(tree: Walk, folder: string): void {
  const entries = unlessExpected((): Dirent[] => readdirSync(join(tree.root, folder), { withFileTypes: true }))
  if (entries === undefined) return tree.options.onSkipped(folder, 'unreadable')
  const { extensions } = tree.options
  const isRead = (name: string): boolean =>
    extensions.has(extensionOf(name)) || (tree.options.any && extensionOf(name) !== SIDECAR)
  if (folder !== '') tree.found.folders.push(folder)
  const names = new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name))
  const stems = new Set([...names].filter(isRead).map(stemOf))
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory() && !tree.ignored(`${path}/`)) walkFolder(tree, path)
    if (!entry.isFile() || tree.ignored(path)) continue
    if (isRead(entry.name))
      tree.found.files.push({ path, absolute: join(tree.root, path), ...sidecarOf(tree.root, path, names) })
    // Where nobody reads files, nothing can be said of sidecars.
    else if (extname(path) === SIDECAR && (extensions.size > 0 || tree.options.any) && !stems.has(stemOf(entry.name)))
      tree.found.orphanSidecars.push({ relativePath: path, expectedMdPath: `${stemOf(path)}.md` })
  }
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
