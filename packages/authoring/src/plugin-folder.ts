import { basename } from 'node:path'
import { listTree, readFiles, type PluginFile } from '@tenon/bundle'
import { TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { readSpec } from '@tenon/contract/schema'

/** A plugin's folder as it lies on disk, read once. */
export type PluginFolder = {
  root: string
  files: readonly PluginFile[]
  /** Paths of links, sockets and the like, which no plugin has. */
  irregular: readonly string[]
  /** A file as text. Bytes that are no UTF-8 read as U+FFFD; the gate of the tree tells of them. */
  text(path: string): string | undefined
}

export const SPEC = 'plugin.spec.json'
export const MANIFEST = 'manifest.json'

/** What is made from a plugin, by running it or beside it, and is no part of it. */
const OUTSIDE = ['dist', 'node_modules', '.runs', 'coverage', '.git', '__pycache__', '.DS_Store']

const isPart = (name: string): boolean => !OUTSIDE.includes(name) && !name.endsWith('.aside')

export async function readPluginFolder(disk: Disk, root: string): Promise<PluginFolder> {
  const { files: paths, irregular } = await listTree(disk, root, isPart)
  const files = await readFiles(disk, root, paths)
  const byPath = new Map(files.map((file) => [file.path, file.bytes]))
  return {
    root,
    files,
    irregular,
    text: (path) => {
      const bytes = byPath.get(path)
      return bytes === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    },
  }
}

/** The folder's spec, or every problem of it. */
export function specOf(folder: PluginFolder): { spec: PluginSpec | undefined; problems: Problem[] } {
  const text = folder.text(SPEC)
  if (text === undefined) return { spec: undefined, problems: [missing(SPEC)] }
  const { value, problems } = readSpec(text)
  return { spec: value, problems: problems.map((problem) => ({ ...problem, file: SPEC })) }
}

/** The folder's spec, for work that needs a valid one: throws SPEC_INVALID with every problem. */
export function requireSpec(folder: PluginFolder): PluginSpec {
  const { spec, problems } = specOf(folder)
  if (spec !== undefined) return spec
  const where = `${SPEC} of ${basename(folder.root)}`
  throw new TenonError('SPEC_INVALID', `${where} has ${problems.length} problem(s)`, { problems })
}

export const missing = (file: string, message = 'is missing'): Problem => ({
  pointer: '',
  file,
  code: 'FILE_MISSING',
  message,
})
