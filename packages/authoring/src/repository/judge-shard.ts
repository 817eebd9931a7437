import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { PluginFile } from '@tenon/bundle'
import { jsonValue, type PluginSpec, type Problem } from '@tenon/contract'
import type { Release } from '../contract/releases.ts'
import type { PoliciesReading } from '../policy/policies.ts'
import { fileDigest } from '../folder/file-digest.ts'
import { isAsSeen, listEntries, type Entries, type Listing } from './entries.ts'
import { readShard, writeShard } from './verdict-shard.ts'
import type { Facts, Verdict } from './verdict.ts'

/** Some of a repository's plugins: `root` holds their folders, `kept` is the file of what was found before. */
export type ShardOrder = {
  root: string
  folders: string[]
  kept: string
  rules: string
  read: PoliciesReading
  /** As of when waivers hold. */
  at: number
  /** Milliseconds of the clock by which files are dated. */
  now: number
  /** What the tags of releases name, by plugin; and the variables that git is run with. */
  released: ReadonlyMap<string, string>
  env: NodeJS.ProcessEnv
}

/** What was found: how many of the plugins had to be judged anew, what gates looked at, and every problem. */
export type JudgedShard = {
  judged: number
  checked: Record<string, number>
  problems: { folder: string; problem: Problem }[]
  facts: [folder: string, facts: Facts][]
}

/** Judges those plugins of which anything changed, and takes what was found of the others. */
export async function judgeShard(order: ShardOrder): Promise<JudgedShard> {
  const before = readShard(order.kept, order.rules)
  const listings = new Map<string, Listing>()
  const verdicts = new Map<string, Verdict>()
  for (const folder of order.folders) {
    const known = before.get(folder)
    const root = join(order.root, folder)
    const isSame =
      known !== undefined &&
      known.released === (order.released.get(folder) ?? '') &&
      isAsSeen(root, listingOf(known.entries, listings), known.entries.marks)
    verdicts.set(folder, isSame ? known : await verdictOn(root, known, order))
  }
  const changed = [...verdicts].filter(([folder, verdict]) => before.get(folder) !== verdict)
  if (changed.length > 0 || verdicts.size !== before.size) writeShard(order.kept, { rules: order.rules, verdicts })
  const judged = changed.filter(([folder, verdict]) => !isOfTheSame(verdict, before.get(folder))).length
  return summary(verdicts, judged)
}

async function verdictOn(root: string, known: Verdict | undefined, order: ShardOrder): Promise<Verdict> {
  const { finishChanges, isUnfinished } = await import('../folder/changes.ts')
  if (isUnfinished(root)) await finishChanges((await import('@tenon/bundle')).nodeDisk, root)
  const entries = listEntries(root, order.now)
  const listing = jsonValue(entries.listing) as Listing
  const files = listing.files.flatMap((path) => fileAt(root, path))
  const content = contentOf(files, listing)
  const released = order.released.get(basename(root)) ?? ''
  if (known !== undefined && isOfTheSame({ content, released }, known)) return { ...known, entries }
  return { ...(await judge(root, files, listing, order)), entries, content, released }
}

type Judged = Pick<Verdict, 'content' | 'released'>

/** Whether two verdicts are on the same files and releases. */
const isOfTheSame = (one: Judged, other: Judged | undefined): boolean =>
  one.content === other?.content && one.released === other.released

/** None, when it went while the folder was read. */
function fileAt(root: string, path: string): PluginFile[] {
  try {
    return [{ path, bytes: readFileSync(join(root, path)) }]
  } catch (thrown) {
    if (Object(thrown).code === 'ENOENT') return []
    throw thrown
  }
}

/** Of many plugins with the same files the list is read once. */
function listingOf({ listing }: Entries, known: Map<string, Listing>): Listing {
  const read = known.get(listing) ?? (jsonValue(listing) as Listing)
  known.set(listing, read)
  return read
}

const contentOf = (files: readonly PluginFile[], { irregular }: Listing): string =>
  hash('sha256', JSON.stringify([irregular, files.map((file) => [file.path, fileDigest(file)])]))

async function judge(
  root: string,
  files: readonly PluginFile[],
  { irregular }: Listing,
  order: ShardOrder,
): Promise<Pick<Verdict, 'checked' | 'problems' | 'facts'>> {
  // What gates need is loaded with the first plugin that needs it.
  const { folderOf, specOf } = await import('../folder/plugin-folder.ts')
  const { validateFolder } = await import('../gates/validate.ts')
  const { factsOf } = await import('./verdict.ts')
  const folder = folderOf(root, files, irregular)
  const releases = await releasesOf(root, specOf(folder).spec, order)
  const { spec, gates, problems } = validateFolder(folder, order.read, { at: order.at, releases })
  const checked = Object.fromEntries(gates.map((gate) => [gate.gate, gate.checked]))
  return { checked, problems, facts: spec === undefined ? undefined : factsOf(spec) }
}

async function releasesOf(
  root: string,
  spec: PluginSpec | undefined,
  { released, env }: ShardOrder,
): Promise<Release[]> {
  if (spec === undefined || !released.has(spec.id)) return []
  const { openRepository } = await import('@tenon/bundle')
  const { relevantReleases } = await import('../contract/releases.ts')
  return relevantReleases(await openRepository({ cwd: root, env }), spec, root)
}

function summary(verdicts: ReadonlyMap<string, Verdict>, judged: number): JudgedShard {
  const found: JudgedShard = { judged, checked: {}, problems: [], facts: [] }
  for (const [folder, { checked, problems, facts }] of verdicts) {
    for (const [gate, count] of Object.entries(checked)) found.checked[gate] = (found.checked[gate] ?? 0) + count
    found.problems.push(...problems.map((problem) => ({ folder, problem })))
    if (facts !== undefined) found.facts.push([folder, facts])
  }
  return found
}
