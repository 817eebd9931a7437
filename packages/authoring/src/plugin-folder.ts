import { basename, join } from 'node:path'
import { pathFault, readTree, type PluginFile } from '@tenon/bundle'
import { decodeUtf8, TenonError, type Disk, type PluginSpec, type Problem } from '@tenon/contract'
import { readSpec } from '@tenon/contract/schema'

/** A plugin's folder as it lies on disk, read once. */
export type PluginFolder = { root: string; files: readonly PluginFile[]; text(path: string): string | undefined }

const SPEC = 'plugin.spec.json'
export const MANIFEST = 'manifest.json'

/** Folders that are made from the plugin or by running it, and are no part of it. */
const OUTSIDE = ['dist', 'node_modules', '.runs', 'coverage', '.git', '__pycache__']

export async function readPluginFolder(disk: Disk, root: string): Promise<PluginFolder> {
  const names = (await disk.list(root)).filter((name) => !OUTSIDE.includes(name) && name !== '.DS_Store')
  const nested = await Promise.all(names.map((name) => readEntry(disk, root, name)))
  const files = nested.flat().filter(({ path }) => !path.split('/').some((part) => OUTSIDE.includes(part)))
  const byPath = new Map(files.map((file) => [file.path, file.bytes]))
  return {
    root,
    files,
    text: (path) => {
      const bytes = byPath.get(path)
      return bytes === undefined ? undefined : decodeUtf8(bytes, path)
    },
  }
}

const readEntry = async (disk: Disk, root: string, name: string): Promise<PluginFile[]> =>
  (await disk.kind(join(root, name))) === 'file'
    ? [{ path: name, bytes: (await disk.read(join(root, name))) ?? new Uint8Array() }]
    : readTree(disk, root, name)

/** The folder's spec, or every problem of it. */
export function specOf(folder: PluginFolder): { spec: PluginSpec | undefined; problems: Problem[] } {
  const text = folder.text(SPEC)
  if (text === undefined)
    return {
      spec: undefined,
      problems: [{ pointer: '', file: SPEC, code: 'SPEC_MISSING', message: `${SPEC} is missing` }],
    }
  const { value, problems } = readSpec(text)
  return { spec: value, problems: problems.map((problem) => ({ ...problem, file: SPEC })) }
}

/** The folder's spec, for work that needs a valid one: throws SPEC_INVALID with every problem. */
export function requireSpec(folder: PluginFolder): PluginSpec {
  const { spec, problems } = specOf(folder)
  if (spec === undefined)
    throw new TenonError('SPEC_INVALID', `${SPEC} of ${basename(folder.root)} has ${problems.length} problem(s)`, {
      problems,
    })
  return spec
}

/** Faults that would make the folder different elsewhere: names some system cannot hold, links, carriage returns. */
export function treeProblems(folder: PluginFolder, spec: PluginSpec): Problem[] {
  const problem = (file: string, message: string, hint?: string): Problem => ({
    pointer: '',
    file,
    code: 'TREE',
    message: `${file} ${message}`,
    ...(hint === undefined ? {} : { hint }),
  })
  const named =
    basename(folder.root) === spec.id ? [] : [problem('.', `is the folder of "${spec.id}" but bears another name`)]
  const paths = folder.files.flatMap(({ path }) => {
    const fault = pathFault(path)
    return fault === undefined ? [] : [problem(path, fault)]
  })
  const returns = folder.files
    .filter(({ path, bytes }) => isText(path) && bytes.includes(13))
    .map(({ path }) => problem(path, 'holds carriage returns', 'Check it out with eol=lf.'))
  return [...named, ...paths, ...returns]
}

const isText = (path: string): boolean => /\.(md|json|ts|mts|js|mjs|py|yaml|yml|txt|feature|csv)$/.test(path)
