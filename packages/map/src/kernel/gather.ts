import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { listedStill, walk, type Found, type Listings, type OrphanSidecar, type WalkOptions } from '../files/walk.ts'
import { textReader } from '../thread/text-reader.ts'
import type { FileStat } from '../files/file-stat.ts'
import { begunBatch, draftsOf, type Batch } from './batch.ts'
import type { Since } from './carried.ts'
import type { Draft, Finished } from './draft.ts'
import type { ScanEventData } from './events.ts'
import { appliesTo, extractFrom } from './extract.ts'
import type { Gathering, GatherRun } from './gathering.ts'
import { extensionsReadBy, readByAny, walks } from './provider-files.ts'
import { isWalked } from './read-files.ts'
import { reuseOf, type Reuse } from './reuse.ts'
import type { KnownFile, Knowledge } from './snapshot.ts'
import { walkedFiles } from './walked-files.ts'

/** Every node of the roots, with what was found in it. */
export type Gathered = {
  listings: ReadonlyMap<string, Listings>
  drafts: ReadonlyMap<string, Finished>
  /** Where it is certain that nothing but what was touched is otherwise. */
  since: Since | undefined
  /** Whether all that decides what is found in files and in the graph is as it was before. */
  isSame: boolean
  orphanSidecars: OrphanSidecar[]
  walked: number
  knowledge: Pick<Knowledge, 'inputs' | 'files'>
  /** By the paths of nodes, the keys of the extractors of which what they found there before holds. */
  held: ReadonlyMap<string, Pick<Finished, 'lookedAtBy'>>
  /** The paths of the files that were read. */
  read: ReadonlySet<string>
  /** Those among them in which other links were found than before. */
  relinked: ReadonlySet<string>
}

/** Walks the roots once, lets Providers claim the files and extractors look at what is not known of them. */
export async function gather(roots: readonly string[], gathering: Gathering): Promise<Gathered> {
  const { world, registry, settings, inputs, options } = gathering
  const extractors = registry.extractors.filter(({ plugin }) => settings.has(plugin.id))
  const reuse = reuseOf(options.before, options.trust, { providers: registry.providers, extractors, inputs })
  const run: GatherRun = {
    ...gathering,
    texts: textReader(gathering.thread, options.tokens),
    ...{ extractors, reuse },
    since: certainSince(gathering, reuse),
    ...{ listings: new Map(), drafts: new Map(), orphanSidecars: [], files: new Map(), held: new Map(), walked: 0 },
    ...{ read: new Set(), relinked: new Set() },
  }
  for (const root of roots) await gatherRoot(run, resolve(world.cwd, root))
  const { since, listings, drafts, orphanSidecars, walked, files, held, read, relinked } = run
  return {
    ...{ since, isSame: reuse.isSame, listings, drafts, orphanSidecars, walked, held, read, relinked },
    knowledge: { inputs, files },
  }
}

/** Who finds files itself is asked for them each time. */
const certainSince = ({ registry, options }: Gathering, { isSame }: Reuse): Since | undefined =>
  options.trust === 'stat' && isSame && !registry.providers.some(walks) ? options.since : undefined

async function gatherRoot(run: GatherRun, root: string): Promise<void> {
  const { registry, options } = run
  const { providers } = registry
  const found = await foundIn(run, root)
  const walked = await walkedFiles(root, found, providers, { ...run, maxFileBytes: options.maxFileBytes })
  const isRead = readByAny(providers)
  const files = found.files.filter(({ path }) => isRead(path) || isWalked(walked, path))
  run.walked += files.length
  run.orphanSidecars.push(...found.orphanSidecars)
  const { only } = options
  const wanted = only === undefined ? files : files.filter(({ path }) => only.has(path))
  const batch = (from: number): Promise<Batch> => begunBatch(run, walked, wanted, from)
  // Bodies are held for two batches only, so that memory does not grow with the tree.
  for (let begun = await batch(0), from = 0; from < wanted.length; ) {
    from = begun.end
    const ahead = await batch(from)
    await finishBatch(run, begun)
    begun = ahead
  }
}

/** What is in a root, by the look at it that has begun or by walking it now. */
async function foundIn(run: GatherRun, root: string): Promise<Omit<Found, 'listings'>> {
  const { registry, options, tell, since, listings, looks } = run
  const onSkipped: WalkOptions['onSkipped'] = (path, reason) => tell('scan.skipped', { path, reason })
  const look = await looks.get(root)
  if (look !== undefined) {
    for (const why of look.skipped) onSkipped(...why)
    return look
  }
  const listed = since?.carried.listings.get(root)
  const found = walk(root, {
    extensions: extensionsReadBy(registry.providers),
    any: registry.providers.some(walks),
    ...{ ignore: options.ignore, onSkipped },
    listed: since && listed && listedStill(listed, root, since.touched),
  })
  listings.set(root, found.listings)
  return found
}

async function finishBatch(run: GatherRun, begun: Batch): Promise<void> {
  const { settings, collector, tell, drafts, files, held, read } = run
  const made = await draftsOf(run, begun.read)
  for (const extractor of run.extractors)
    await extractFrom(made, extractor, settings.get(extractor.plugin.id) ?? {}, collector)
  const byPath = new Map(made.map((draft) => [draft.node.path, draft]))
  for (const { path } of begun.order) {
    const [kept, draft] = [begun.kept.get(path), byPath.get(path)]
    const finished = kept ?? (draft && finishedOf(run, draft, begun.marks.get(path)))
    if (finished === undefined) continue
    if (kept === undefined) read.add(path)
    else held.set(path, kept)
    tell('scan.progress', progressOf(finished, drafts.size, draft === undefined))
    files.set(path, finished.known)
    drafts.set(path, finished)
  }
}

/** A file that changed less than this before it was read may change again without another time of change. */
const SETTLED_MS = 2_000

function finishedOf(run: GatherRun, draft: Draft, stat: FileStat | undefined): Finished {
  const { world, registry, extractors, options, relinked } = run
  const { node, provider, found, issues, file, isSure } = draft
  const isSettled = stat !== undefined && stat.changedAt < world.now() - SETTLED_MS
  const known: KnownFile = {
    ...{ provider: provider.key, found: Object.fromEntries(found), issues },
    ...(isSettled && isSure && { mark: stat.mark }),
    ...(extractors.some((one) => appliesTo(one, draft) && !found.has(one.key)) && { isUnfinished: true }),
  }
  if (!isDeepStrictEqual(options.before.knowledge.files.get(node.path)?.found, known.found)) relinked.add(node.path)
  const links = registry.extractors.flatMap(({ key }) => found.get(key) ?? [])
  return { ...{ node, provider, issues, file, links, known }, lookedAtBy: new Set(found.keys()) }
}

/** Only who asks for its kind has the node of a file read that nobody looked at. */
const progressOf = (finished: Finished, index: number, cached: boolean): ScanEventData['scan.progress'] => ({
  ...{ index, path: finished.file.path, cached },
  get kind() {
    return finished.node.kind
  },
})
