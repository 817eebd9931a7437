import { basename } from 'node:path'
import {
  blobOf,
  gitBlobs,
  gitTree,
  listTree,
  readFiles,
  type GitFile,
  type PluginFile,
  type Repository,
} from '@tenon/bundle'
import { assert, TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { readSpec } from '@tenon/contract/schema'
import { finishChanges, type Change } from './changes.ts'
import { unixLines } from './text-file.ts'

/** A plugin's folder as it lies on disk, read once. */
export type PluginFolder = {
  root: string
  files: readonly PluginFile[]
  /** Paths of links, sockets and the like, which no plugin has. */
  irregular: readonly string[]
  file(path: string): PluginFile | undefined
  /**
   * A file as text, each line ended by LF alone, as it is committed. Bytes that are no UTF-8 read as U+FFFD; the gate of
   * the tree tells of them, and of carriage returns.
   */
  text(path: string): string | undefined
}

export const SPEC = 'plugin.spec.json'
export const MANIFEST = 'manifest.json'

/** Where is told what of a new template could not be merged. */
export const CONFLICTS = '.derive-conflicts.md'

/** What is made from a plugin, by running it or beside it, and is no part of it. */
const OUTSIDE = ['dist', 'node_modules', '.runs', 'coverage', '.git', '__pycache__', '.DS_Store', CONFLICTS]

export const isPart = (name: string): boolean => !OUTSIDE.includes(name) && !name.endsWith('.aside')

/** Reads a plugin's folder, after what a killed command left in it was brought to its end. */
export async function readPluginFolder(disk: Disk, root: string): Promise<PluginFolder> {
  await finishChanges(disk, root)
  const { files, irregular } = await listTree(disk, root, isPart)
  return folderOf(root, await readFiles(disk, root, files), irregular)
}

/** A plugin's folder as it is at a commit, `path` being its place in the repository, empty for all of it. */
export async function committedFolder(repository: Repository, revision: string, path: string): Promise<PluginFolder> {
  const listed = (await gitTree(repository, revision, path)).map((file) => ({
    ...file,
    path: path === '' ? file.path : file.path.slice(path.length + 1),
  }))
  const part = listed.filter((file) => file.path.split('/').every(isPart))
  const [regular, irregular] = [part.filter(isRegular), part.filter((file) => !isRegular(file))]
  const blobs = await gitBlobs(
    repository,
    regular.map(({ object }) => object),
  )
  const files = regular.map(({ path: at, object }) => ({ path: at, bytes: blobOf(blobs, object) }))
  return folderOf(
    path,
    files,
    irregular.map(({ path: at }) => at),
  )
}

const isRegular = ({ mode }: GitFile): boolean => mode.startsWith('100')

/** The folder as it will be. */
export function withChanges(folder: PluginFolder, changes: readonly Change[]): PluginFolder {
  if (changes.length === 0) return folder
  const { root, files, irregular } = folder
  const before = new Map(files.map((file) => [file.path, file]))
  const made = changes.flatMap(({ path, text }) => (text === undefined ? [] : fileOf(before.get(path), path, text)))
  for (const { path } of changes) before.delete(path)
  return folderOf(root, [...before.values(), ...made], irregular)
}

/** A file with this text: the one that was there, where it has that text already. */
function fileOf(before: PluginFile | undefined, path: string, text: string): PluginFile {
  const bytes = Buffer.from(text)
  return before !== undefined && bytes.equals(before.bytes) ? before : { path, bytes }
}

/** A plugin whose files were read elsewhere, such as from a bundle. */
export function folderOf(root: string, files: readonly PluginFile[], irregular: readonly string[] = []): PluginFolder {
  const byPath = new Map(files.map((file) => [file.path, file]))
  return {
    root,
    files,
    irregular,
    file: (path) => byPath.get(path),
    text: (path) => {
      const file = byPath.get(path)
      return file && textOf(file)
    },
  }
}

const texts = new WeakMap<PluginFile, string>()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** A file is decoded once, since gates ask for the same ones. */
export function textOf(file: PluginFile): string {
  const text = texts.get(file) ?? unixLines(decoder.decode(file.bytes))
  texts.set(file, text)
  return text
}

/** The text of a file that is known to be there. */
export function textAt(folder: PluginFolder, path: string): string {
  const text = folder.text(path)
  assert(text !== undefined, `${path} is there`)
  return text
}

/** The folder's spec, or every problem of it. */
export function specOf(folder: PluginFolder): { spec: PluginSpec | undefined; problems: Problem[] } {
  const text = folder.text(SPEC)
  if (text === undefined) return { spec: undefined, problems: [missing(SPEC)] }
  const { value, problems } = readSpec(text)
  const hint = 'Every key of it is in the schema that "$schema" names.'
  return { spec: value, problems: problems.map((problem) => ({ hint, ...problem, file: SPEC })) }
}

/** The folder's spec, for work that needs a valid one: throws SPEC_INVALID with every problem. */
export function requireSpec(folder: PluginFolder): PluginSpec {
  const { spec, problems } = specOf(folder)
  if (spec !== undefined) return spec
  const where = `${SPEC} of ${basename(folder.root)}`
  throw new TenonError('SPEC_INVALID', `${where} has ${problems.length} problem(s)`, { problems })
}

export const missing = (file: string, message = 'is missing', hint = 'Write it, or name another.'): Problem => ({
  pointer: '',
  file,
  code: 'FILE_MISSING',
  message,
  hint,
})
