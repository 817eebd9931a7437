import { readFile, stat } from 'node:fs/promises'
import { posix } from 'node:path'
import {
  committedFolder,
  committedPath,
  folderOf,
  readPluginFolder,
  requireSpec,
  type PluginVersion,
} from '@tenon/authoring'
import { digestBytes, nodeDisk, openBundle, openRepository, readArchive, type Repository } from '@tenon/bundle'
import { parseReference, TenonError, type World } from '@tenon/contract'
import { isVersion } from '@tenon/resolver'
import { pluginFolder } from '../commands/plugin-folder.ts'
import { httpSource } from './package-source.ts'

/**
 * A version of a plugin that a person named: a folder or a packed bundle, `<revision>:<path>` or a tag of git, or
 * `<id>@<version>` of a registry. Throws PLUGIN_UNKNOWN.
 */
export async function pluginVersion(world: World, registry: string | undefined, named: string): Promise<PluginVersion> {
  const path = pluginFolder(world, named)
  const kind = (await stat(path).catch(() => undefined)) ?? undefined
  if (kind?.isDirectory() === true) return versionOf(await readPluginFolder(nodeDisk, path))
  if (kind?.isFile() === true) return bundleVersion(await readFile(path), path)
  const published = publishedReference(named)
  if (published !== undefined) return publishedVersion(registry, published)
  return committedVersion(await openRepository(world), named)
}

const versionOf = (folder: PluginVersion['folder']): PluginVersion => ({ spec: requireSpec(folder), folder })

async function bundleVersion(bytes: Uint8Array, root: string): Promise<PluginVersion> {
  const { spec, files } = openBundle(await readArchive(bytes))
  return { spec, folder: folderOf(root, files) }
}

type Published = { id: string; version: string }

/** `<id>@<version>`, when it is that and no revision of git. */
function publishedReference(named: string): Published | undefined {
  const [, id, version] = /^([^@:]+)@([^@:]+)$/.exec(named) ?? []
  return id === undefined || version === undefined || !isVersion(version)
    ? undefined
    : { id: parseReference(id).id, version }
}

async function publishedVersion(registry: string | undefined, { id, version }: Published): Promise<PluginVersion> {
  const source = httpSource(registry)
  const releases = await source.releases(id)
  const release = releases.find((one) => one.version === version)
  if (release === undefined)
    throw new TenonError('VERSION_UNKNOWN', `${source.url} has no ${id}@${version}`, {
      hint: `It has ${releases.map((one) => one.version).join(', ') || 'no version of it'}.`,
    })
  const bytes = Buffer.concat(await Array.fromAsync(await source.artifact(release.digest)))
  const digest = digestBytes(bytes)
  if (digest !== release.digest)
    throw new TenonError(
      'BUNDLE_DIGEST_MISMATCH',
      `${id}@${version}: got ${digest}, the registry lists ${release.digest}`,
    )
  return bundleVersion(bytes, id)
}

/** `<revision>:<path>`, or a tag `plugin/<id>/v<version>`, whose plugin is the folder of that id. */
async function committedVersion(repository: Repository, named: string): Promise<PluginVersion> {
  const at = named.indexOf(':')
  const revision = at === -1 ? named : named.slice(0, at)
  const commit = await commitOf(repository, revision)
  if (commit === undefined) throw unknown(named)
  const path = at === -1 ? await taggedPath(repository, commit, revision) : pathOf(named.slice(at + 1))
  const folder = await committedFolder(repository, commit, path)
  if (folder.files.length === 0) throw unknown(named)
  return versionOf(folder)
}

/** A path as git has it, empty for all that the repository holds. */
const pathOf = (named: string): string => posix.normalize(`${named}/.`).replace(/^\.?\/|\/$|^\.$/g, '')

/** The commit that a revision means. With `^{commit}` after it no word is an option of git's. */
async function commitOf({ git }: Repository, revision: string): Promise<string | undefined> {
  try {
    return await git('rev-parse', '--verify', '--quiet', `${revision}^{commit}`)
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'GIT_FAILED') return undefined
    throw thrown
  }
}

async function taggedPath(repository: Repository, commit: string, tag: string): Promise<string> {
  const [, id = ''] = /^(?:refs\/tags\/)?plugin\/([^/]+)\/v/.exec(tag) ?? []
  const path = await committedPath(repository, commit, id)
  if (path === undefined) throw unknown(tag)
  return path
}

const unknown = (named: string): TenonError =>
  new TenonError('PLUGIN_UNKNOWN', `"${named}" is no plugin`, {
    hint: 'Name a folder, a .tgz, <revision>:<path>, a tag plugin/<id>/v<version>, or <id>@<version> of a registry.',
  })
