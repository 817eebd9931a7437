import { blobOf, gitBlobs, type GitFile, type PluginFile } from '@tenon/bundle'
import { isObject, readJson } from '@tenon/contract'
import { deriveFiles } from '../derive/derive.ts'
import { staleFiles } from '../derive/stale-files.ts'
import { fenceProblems } from '../fences/fenced-files.ts'
import { folderOf, isPart, SPEC, specOf, type PluginFolder } from '../folder/plugin-folder.ts'
import { committedPolicies, type Policies } from '../policy/policies.ts'
import { versionKey, type Identities } from '../identity/identities.ts'
import { pluginFolderOf, type GovernedState } from './governed-state.ts'
import type { GuardedChange } from './guarded-change.ts'

const CHANGELOG = 'CHANGELOG.md'
const VERSION = /("version"\s*:\s*)"[^"]*"/

/** The files of a plugin's folder at base and at head, by their paths in it. */
type Both = { before: PluginFolder; after: ReadonlyMap<string, Buffer> }

/**
 * The folders of plugins in which nothing changed but what deriving them anew gives, by the policies of head: the
 * sources are those of base. A version that is published is derived anew as a later one, with its section of the changelog.
 */
export async function regenerated(change: GuardedChange): Promise<Set<string>> {
  const { repository, base, head, sealed } = change
  const plugins = [...head.plugins.values()].map(({ id }) => id)
  const { policies } = await committedPolicies(repository, head.revision, { folder: 'policies', plugins })
  const changed = byFolder(change.changed.map((path) => ({ path })))
  const filesOf = ({ files }: GovernedState): Map<string, GitFile[]> =>
    byFolder([...files.values()].filter((file) => isRegular(file) && changed.has(pluginFolderOf(file.path) ?? '')))
  const [before, after] = [filesOf(base), filesOf(head)]
  const listed = [...before.values(), ...after.values()].flat()
  const blobs = await gitBlobs(
    repository,
    listed.map(({ object }) => object),
  )
  const read = (files: readonly GitFile[] = []): PluginFile[] =>
    files.map(({ path, object }) => ({ path, bytes: blobOf(blobs, object) }))
  const derived = [...changed].filter(([folder, paths]) => {
    const parts = read(before.get(folder)).filter(({ path }) => path.split('/').every(isPart))
    const texts = new Map(read(after.get(folder)).map(({ path, bytes }) => [path, Buffer.from(bytes)]))
    return isDerived(
      { before: folderOf(folder, parts), after: texts },
      paths.map(({ path }) => path),
      { policies, sealed },
    )
  })
  return new Set(derived.map(([folder]) => folder))
}

const isRegular = ({ mode }: GitFile): boolean => mode === '100644'

/** What lies in folders of plugins, by these folders, with its path there. */
function byFolder<T extends { path: string }>(all: readonly T[]): Map<string, T[]> {
  const grouped = [...Map.groupBy(all, ({ path }) => pluginFolderOf(path))]
  return new Map(
    grouped.flatMap(([folder, some]): [string, T[]][] =>
      folder === undefined ? [] : [[folder, some.map((one) => ({ ...one, path: one.path.slice(folder.length + 1) }))]],
    ),
  )
}

type By = { policies: Policies; sealed: Identities }

/** Whether all that changed is what deriving gives, and all that deriving gives is there. */
function isDerived({ before, after }: Both, changed: readonly string[], { policies, sealed }: By): boolean {
  const lifted = liftedSources(before, after, sealed)
  const sources = withTexts(before, lifted)
  const { spec } = specOf(sources)
  if (spec === undefined || fenceProblems(spec, sources).length > 0) return false
  const derived = deriveFiles(spec, policies, sources).map(({ path, text }): [string, string] => [path, text])
  const implied = new Map([...Object.entries(lifted), ...derived])
  const gone = staleFiles(spec, sources)
  return (
    changed.every((path) => implied.has(path) || gone.includes(path)) &&
    gone.every((path) => !after.has(path)) &&
    [...implied].every(([path, text]) => after.get(path)?.equals(Buffer.from(text)) === true)
  )
}

/** The spec and changelog of a published version, as those of the version that head makes of it. */
function liftedSources(before: PluginFolder, after: Both['after'], sealed: Identities): Record<string, string> {
  const { spec } = specOf(before)
  const own = before.text(SPEC)
  if (
    spec === undefined ||
    own === undefined ||
    !sealed.published.has(versionKey({ plugin: spec.id, version: spec.version }))
  )
    return {}
  const { value } = readJson(after.get(SPEC)?.toString('utf8') ?? '')
  const version = isObject(value) ? JSON.stringify(value['version']) : ''
  const text = own.replace(VERSION, (_, key: string) => `${key}${version}`)
  return { [SPEC]: text, [CHANGELOG]: after.get(CHANGELOG)?.toString('utf8') ?? '' }
}

function withTexts(folder: PluginFolder, texts: Readonly<Record<string, string>>): PluginFolder {
  const kept = folder.files.filter(({ path }) => texts[path] === undefined)
  const put = Object.entries(texts).map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
  return folderOf(folder.root, [...kept, ...put], folder.irregular)
}
