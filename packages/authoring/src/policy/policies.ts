import { dirname, join } from 'node:path'
import { blobOf, gitBlobs, gitTree, listTree, readFiles, type PluginFile, type Repository } from '@tenon/bundle'
import { defined, TenonError, type Disk, type Problem } from '@tenon/contract'
import { compareVersions, isVersion } from '@tenon/resolver'
import { readPack, type PolicyPack } from './policy-pack.ts'
import { readWaiver, WAIVER, type Waiver } from './waiver.ts'

/** What governs the plugins of a repository: the newest version of each pack, in the packs' name order, and the waivers. */
export type Policies = { packs: readonly PolicyPack[]; waivers: readonly Waiver[] }
export type PoliciesReading = { policies: Policies; problems: Problem[] }

/** The files below a folder of policies, what there is no regular file, and the ids of the plugins beside it. */
type PolicyFiles = { files: readonly PluginFile[]; irregular: readonly string[]; plugins: readonly string[] }

const FOLDER = 'policies'
const WAIVERS = 'waivers'

/** Reads a folder of policies: `<pack>/<version>/pack.yaml` and `waivers/<name>.yaml`. */
export async function readPolicies(disk: Disk, folder: string): Promise<PoliciesReading> {
  const { files, irregular } = await listTree(disk, folder)
  const plugins = await disk.list(join(dirname(folder), 'plugins'))
  return policiesOf({ files: await readFiles(disk, folder, files), irregular, plugins })
}

/** The same, for work that needs them whole: throws POLICY_INVALID with every problem. */
export async function requirePolicies(disk: Disk, folder: string): Promise<Policies> {
  const { policies, problems } = await readPolicies(disk, folder)
  if (problems.length > 0)
    throw new TenonError('POLICY_INVALID', `${folder} has ${problems.length} problem(s)`, { problems })
  return policies
}

/** The policies of a commit, `folder` being their place in the repository, for these plugins. */
export async function committedPolicies(
  repository: Repository,
  revision: string,
  { folder, plugins }: { folder: string; plugins: readonly string[] },
): Promise<PoliciesReading> {
  const listed = await gitTree(repository, revision, folder)
  const blobs = await gitBlobs(
    repository,
    listed.map(({ object }) => object),
  )
  const within = (path: string): string => path.slice(folder.length + 1)
  const regular = listed.filter(({ mode }) => mode.startsWith('100'))
  const files = regular.map(({ path, object }) => ({ path: within(path), bytes: blobOf(blobs, object) }))
  const irregular = listed.filter((file) => !regular.includes(file)).map(({ path }) => within(path))
  return policiesOf({ files, irregular, plugins })
}

function policiesOf({ files, irregular, plugins }: PolicyFiles): PoliciesReading {
  const inWaivers = files.filter(({ path }) => path.startsWith(`${WAIVERS}/`))
  const inPacks = files.filter((file) => !inWaivers.includes(file) && file.path.includes('/'))
  const packs = packsOf(inPacks)
  const waivers = waiversOf(inWaivers, plugins)
  const links = irregular.map((path) => problem('POLICY_PACK', path, 'is no regular file'))
  return {
    policies: { packs: packs.packs, waivers: waivers.waivers },
    problems: [...links, ...packs.problems, ...waivers.problems],
  }
}

function packsOf(files: readonly PluginFile[]): { packs: PolicyPack[]; problems: Problem[] } {
  const byPack = Map.groupBy(files, ({ path }) => path.slice(0, path.indexOf('/')))
  const readings = [...byPack].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([pack, own]) => packOf(pack, own))
  return {
    packs: readings.flatMap(({ packs }) => packs),
    problems: readings.flatMap(({ problems }) => problems),
  }
}

/** The newest version of a pack. A folder that is no version would never be read, and nobody would notice. */
function packOf(pack: string, files: readonly PluginFile[]): { packs: PolicyPack[]; problems: Problem[] } {
  const versions = [...new Set(files.map(({ path }) => path.slice(pack.length + 1).replace(/\/.*/s, '')))]
  const odd = versions.filter((version) => !isVersion(version))
  const problems = odd.map((version) => problem('POLICY_PACK', `${pack}/${version}`, `"${version}" is no version`))
  const newest = versions.filter(isVersion).toSorted(compareVersions).at(-1)
  if (newest === undefined) return { packs: [], problems }
  const path = `${pack}/${newest}/pack.yaml`
  const read = readPack(textOf(files.find((file) => file.path === path)), `${FOLDER}/${path}`, {
    pack,
    version: newest,
  })
  return { packs: read.pack === undefined ? [] : [read.pack], problems: [...problems, ...read.problems] }
}

function waiversOf(
  files: readonly PluginFile[],
  plugins: readonly string[],
): { waivers: Waiver[]; problems: Problem[] } {
  const named = files.filter(({ path }) => /^[^/]+\/[^/]+\.yaml$/.test(path))
  const strange = files.filter((file) => !named.includes(file))
  const readings = named.map((file) => readWaiver(textOf(file), `${FOLDER}/${file.path}`, plugins))
  const waivers = readings.flatMap(({ waiver }) => (waiver === undefined ? [] : [waiver]))
  return {
    waivers,
    problems: [
      ...strange.map(({ path }) => problem(WAIVER, path, 'is no waiver', `Waivers are ${FOLDER}/waivers/<name>.yaml.`)),
      ...readings.flatMap(({ problems }) => problems),
      ...repeated(waivers),
    ],
  }
}

/** Of two waivers for the same, it could not be said which one wins. */
const repeated = (waivers: readonly Waiver[]): Problem[] =>
  waivers.flatMap(({ plugin, key, file, lines }, index) => {
    const first = waivers.findIndex((other) => other.plugin === plugin && other.key === key)
    if (first === index) return []
    const message = `${waivers[first]?.file} waives ${key} of ${plugin} already`
    return [{ pointer: '', code: WAIVER, file, line: lines.key, message }]
  })

const textOf = (file: PluginFile | undefined): string => Buffer.from(file?.bytes ?? []).toString('utf8')

const problem = (code: string, path: string, message: string, hint?: string): Problem =>
  defined({ pointer: '', code, file: `${FOLDER}/${path}`, message, hint })
