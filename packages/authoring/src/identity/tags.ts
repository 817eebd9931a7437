import type { Repository } from '@tenon/bundle'
import { messageOf, TenonError, type Digest, type Problem } from '@tenon/contract'
import { versionKey, type Identities } from './identities.ts'
import type { Seen } from './identity-changes.ts'
import { manifestDigests } from './manifest-digests.ts'
import type { GovernedPlugin } from './snapshot.ts'

type SealedVersion = Identities['published'] extends Map<string, infer Version> ? Version : never
/** Tags that were made, and those that were there. */
export type Tagged = { made: string[]; kept: string[] }

const tagOf = ({ plugin, version }: { plugin: string; version: string }): string => `plugin/${plugin}/v${version}`

/** Tags that are there, at the commit of the version that they name, and that no line tells of yet. */
export async function tagsSeen(repository: Repository, { published, tags }: Identities): Promise<Seen[]> {
  const there = await tagsThere(repository)
  return [...published.values()]
    .filter((version) => there.get(tagOf(version)) === version.commit && !tags.has(versionKey(version)))
    .map(({ card, plugin, version }) => {
      const tag = tagOf({ plugin, version })
      return { type: 'tag.pushed', card, data: { plugin, version, tag } }
    })
}

/** Tags of plugins with the commits that they name. */
export async function tagsThere({ git }: Repository): Promise<Map<string, string>> {
  const listed = await git(
    'for-each-ref',
    '--format=%(refname:lstrip=2) %(objectname) %(*objectname)',
    'refs/tags/plugin',
  )
  return new Map(
    listed
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [tag = '', object = '', peeled = ''] = line.split(' ')
        return [tag, peeled === '' ? object : peeled]
      }),
  )
}

/**
 * Makes the tags of all sealed versions, all or none. Throws TAG_CONFLICT, with every place and nothing made, when one is at
 * another commit, or when the commit does not hold what was sealed.
 */
export async function makeTags(repository: Repository, { published }: Identities): Promise<Tagged> {
  const there = await tagsThere(repository)
  const versions = [...published.values()]
  const manifests = await manifestsOf(repository, versions)
  const problems = versions.flatMap((version) => conflicts(version, there.get(tagOf(version)), manifests.get(version)))
  if (problems.length > 0)
    throw new TenonError('TAG_CONFLICT', `${problems.length} tag(s) are not at what was sealed; none was made`, {
      problems,
    })
  const missing = versions.filter((version) => !there.has(tagOf(version)))
  const updates = missing.map((version) => `create refs/tags/${tagOf(version)} ${version.commit}\n`)
  if (updates.length > 0) await repository.bytes(['update-ref', '--stdin'], updates.join(''))
  const made = missing.map(tagOf)
  return { made, kept: versions.map(tagOf).filter((tag) => !made.includes(tag)) }
}

function conflicts(sealed: SealedVersion, at: string | undefined, manifest: Digest | undefined): Problem[] {
  const tag = tagOf(sealed)
  if (at !== undefined && at !== sealed.commit)
    return [tagProblem(tag, `is at ${at}; sealed was ${sealed.commit}`, NEVER_MOVED)]
  if (manifest === sealed.manifest) return []
  return [
    tagProblem(
      tag,
      `names a commit with the manifest ${manifest ?? 'of nothing'}; sealed was ${sealed.manifest}`,
      'The ledger is wrong.',
    ),
  ]
}

/** The digests of the manifests at the commits that were sealed. */
async function manifestsOf(
  repository: Repository,
  versions: readonly SealedVersion[],
): Promise<Map<SealedVersion, Digest | undefined>> {
  const names = versions.map(({ commit, path }) => `${commit}:${path}/manifest.json\n`)
  const listed = String(await repository.bytes(['cat-file', '--batch-check'], names.join('')))
  const objects = listed.split('\n').map((line) => /^([0-9a-f]+) blob /.exec(line)?.[1])
  const plugins = versions.map(({ card: uid, plugin: id, version, path }, index) => ({
    ...{ uid, id, version, path },
    manifest: objects[index],
  }))
  const digests = await manifestDigests(repository, plugins)
  return new Map(versions.map((version, index) => [version, digests.get(plugins[index] as GovernedPlugin)?.manifest]))
}

const NEVER_MOVED = 'Tags of plugins are made by "tenon ids tag", and never moved: find out who made it, and why.'

/** Tags of sealed versions that are at another commit. */
export const movedTags = ({ published }: Identities, there: ReadonlyMap<string, string>): Problem[] =>
  [...published.values()].flatMap((version) => {
    const at = there.get(tagOf(version))
    if (at === undefined || at === version.commit) return []
    return [tagProblem(tagOf(version), `is at ${at}; sealed was ${version.commit}`, NEVER_MOVED)]
  })

/** Tags that name no sealed version, and sealed versions without their tag. */
export function tagDifferences({ published }: Identities, there: ReadonlyMap<string, string>): Problem[] {
  const wanted = [...published.values()].map(tagOf)
  return [
    ...[...there.keys()]
      .filter((tag) => !wanted.includes(tag))
      .map((tag) => tagProblem(tag, 'names no version that was sealed', NEVER_MOVED)),
    ...wanted
      .filter((tag) => !there.has(tag))
      .map((tag) => tagProblem(tag, 'is missing', 'Run "tenon ids tag --push".')),
  ]
}

const tagProblem = (tag: string, message: string, hint: string): Problem => ({
  pointer: '',
  file: `refs/tags/${tag}`,
  code: 'TAG_CONFLICT',
  message,
  hint,
})

/** Pushes these tags, and nothing else, to `origin`. Throws TAG_CONFLICT with those that it refused. */
export async function pushTags({ git }: Repository, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return
  try {
    await git('push', 'origin', ...tags.map((tag) => `refs/tags/${tag}:refs/tags/${tag}`))
  } catch (cause) {
    const refused = messageOf(cause)
      .split('\n')
      .filter((line) => line.startsWith(' ! '))
    if (refused.length === 0) throw cause
    throw new TenonError(
      'TAG_CONFLICT',
      `origin refused ${refused.length} tag(s): ${refused.map((line) => line.trim()).join('; ')}`,
      {
        hint: 'A tag is never moved: find out who made it there, and why.',
        cause,
      },
    )
  }
}
