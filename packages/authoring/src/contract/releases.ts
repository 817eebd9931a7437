import { realpathSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { gitTree, type Repository } from '@tenon/bundle'
import type { PluginSpec } from '@tenon/contract'
import { compareVersions, isVersion } from '@tenon/resolver'
import { committedFolder, SPEC, type PluginFolder } from '../folder/plugin-folder.ts'

/** A version of a plugin that was released, as it lay in the repository then. */
export type Release = { version: string; folder: PluginFolder }

/** Every version of a plugin that a tag `plugin/<id>/v<version>` of the repository names, the oldest first. */
export async function releasedVersions({ git }: Repository, id: string): Promise<string[]> {
  const listed = await git('for-each-ref', '--format=%(refname)', `refs/tags/plugin/${id}`)
  const prefix = refOf(id, '')
  return listed
    .split('\n')
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length))
    .filter(isVersion)
    .toSorted(compareVersions)
}

/** The releases that the next version of a plugin has to agree with: those of its line, and of the newest one's. */
export async function relevantReleases(
  repository: Repository,
  { id, version }: Pick<PluginSpec, 'id' | 'version'>,
  root: string,
): Promise<Release[]> {
  const versions = await releasedVersions(repository, id)
  const newest = versions.at(-1) ?? version
  const relevant = new Set([...relevantVersions(versions, version), ...relevantVersions(versions, newest)])
  return Promise.all(versions.filter((one) => relevant.has(one)).map((one) => readRelease(repository, id, one, root)))
}

/** What the tags of each plugin name, as a text that differs where anything of it does. */
export async function releaseMarks({ git }: Repository): Promise<Map<string, string>> {
  const listed = await git('for-each-ref', '--format=%(refname:lstrip=3) %(objectname)', 'refs/tags/plugin')
  const tags = listed.split('\n').filter((line) => line !== '')
  const byPlugin = Map.groupBy(tags, (line) => line.slice(0, line.indexOf('/')))
  return new Map([...byPlugin].map(([id, lines]) => [id, lines.join()]))
}

/** A release as it was. `root` is where the plugin's folder lies on disk now; if it lay elsewhere then, it bore the same name. */
export async function readRelease(repository: Repository, id: string, version: string, root: string): Promise<Release> {
  const tag = refOf(id, version)
  const here = await committedFolder(repository, tag, pathIn(repository, root))
  if (here.text(SPEC) !== undefined) return { version, folder: here }
  const elsewhere = await committedPath(repository, tag, id)
  return { version, folder: elsewhere === undefined ? here : await committedFolder(repository, tag, elsewhere) }
}

/** The place of a plugin's folder, which bears its id, at a commit. */
export async function committedPath(repository: Repository, revision: string, id: string): Promise<string | undefined> {
  const end = `/${SPEC}`
  return (await gitTree(repository, revision))
    .filter(({ path }) => path.endsWith(end))
    .map(({ path }) => path.slice(0, -end.length))
    .find((folder) => folder === id || folder.endsWith(`/${id}`))
}

const refOf = (id: string, version: string): string => `refs/tags/plugin/${id}/v${version}`

const pathIn = (repository: Repository, root: string): string =>
  relative(realpathSync(repository.folder), realpathSync(root)).split(sep).join('/')

/** Those of the same major version, or before 1.0.0 of the same minor one, and the newest of all. */
export function relevantVersions(versions: readonly string[], version: string): string[] {
  const newest = versions.toSorted(compareVersions).at(-1)
  return versions.filter((one) => one === newest || lineOf(one) === lineOf(version))
}

/** What a version is compatible with all through: its major number, or its minor one before 1.0.0. */
export function lineOf(version: string): string {
  const [major = '', minor = ''] = version.split('.')
  return major === '0' ? `0.${minor}` : major
}
