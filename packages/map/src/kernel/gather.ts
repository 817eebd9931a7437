import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { limits } from '@tenon/contract'
import { listedStill, walk, type Found, type Listings, type OrphanSidecar, type WalkOptions } from '../files/walk.ts'
import { textReader } from '../thread/text-reader.ts'
import type { FileStat } from '../files/file-stat.ts'
import { begunBatch, draftsOf, type Batch } from './batch.ts'
import type { Since } from './carried.ts'
import type { Draft, Finished } from './draft.ts'
import { extractFrom } from './extract.ts'
import type { Gathering, GatherRun } from './gathering.ts'
import { extensionsReadBy, isReadByAny, walks } from './provider-files.ts'
import { isWalked } from './read-files.ts'
import { reuseOf } from './reuse.ts'
import type { Knowledge } from './snapshot.ts'
import { walkedFiles } from './walked-files.ts'

/** Every node of the roots, with what was found in it. */
export type Gathered = {
  listings: ReadonlyMap<string, Listings>
  drafts: ReadonlyMap<string, Finished>
  /** Where it is certain that nothing but what was touched is otherwise. */
  since: Since | undefined
  orphanSidecars: OrphanSidecar[]
  walked: number
  knowledge: Knowledge
  /** By the paths of nodes, the keys of the extractors of which what they found there before holds. */
  held: ReadonlyMap<string, Pick<ReadonlySet<string>, 'has'>>
}

/** Walks the roots once, lets Providers claim the files and extractors look at what is not known of them. */
export async function gather(roots: readonly string[], gathering: Gathering): Promise<Gathered> {
  const { world, registry, settings, inputs, options } = gathering
  const extractors = registry.extractors.filter(({ plugin }) => settings.has(plugin.id))
  const run: GatherRun = {
    ...gathering,
    texts: textReader(gathering.thread, options.tokens),
    extractors,
    reuse: reuseOf(options.before, options.trust, { providers: registry.providers, extractors, inputs }),
    since: certainSince(gathering),
    ...{ listings: new Map(), drafts: new Map(), orphanSidecars: [], files: new Map(), held: new Map(), walked: 0 },
  }
  for (const root of roots) await gatherRoot(run, resolve(world.cwd, root))
  const { since, listings, drafts, orphanSidecars, walked, files, held } = run
  return { since, listings, drafts, orphanSidecars, walked, held, knowledge: { inputs, files } }
}

/** Who finds files itself is asked for them each time. */
function certainSince({ registry, inputs, options }: Gathering): Since | undefined {
  const { since, before, trust } = options
  const isSame = trust === 'stat' && isDeepStrictEqual(inputs, before.knowledge.inputs)
  return isSame && !registry.providers.some(walks) ? since : undefined
}

async function gatherRoot(run: GatherRun, root: string): Promise<void> {
  const { registry, options } = run
  const { providers } = registry
  const found = await foundIn(run, root)
  const walked = await walkedFiles(root, found, providers, { ...run, maxFileBytes: options.maxFileBytes })
  const files = found.files.filter(({ path }) => isReadByAny(providers, path) || isWalked(walked, path))
  run.walked += files.length
  run.orphanSidecars.push(...found.orphanSidecars)
  const { only } = options
  const wanted = only === undefined ? files : files.filter(({ path }) => only.has(path))
  const batch = (from: number): Promise<Batch> =>
    begunBatch(run, walked, wanted.slice(from, from + limits.mapBatchFiles))
  // Bodies are held for two batches only, so that memory does not grow with the tree.
  let ahead = await batch(0)
  for (let from = 0; from < wanted.length; from += limits.mapBatchFiles) {
    const begun = ahead
    ahead = await batch(from + limits.mapBatchFiles)
    await finishBatch(run, begun)
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
  const { settings, collector, tell, drafts, files, held } = run
  const made = await draftsOf(run, begun.read)
  for (const extractor of run.extractors)
    await extractFrom(made, extractor, settings.get(extractor.plugin.id) ?? {}, collector)
  const byPath = new Map(made.map((draft) => [draft.node.path, draft]))
  for (const { path } of begun.order) {
    const [kept, draft] = [begun.kept.get(path), byPath.get(path)]
    const finished = kept ?? (draft && finishedOf(run, draft, begun.marks.get(path)))
    if (finished === undefined) continue
    if (kept !== undefined) held.set(path, kept.lookedAtBy)
    tell('scan.progress', { index: drafts.size, path, kind: finished.node.kind, cached: draft === undefined })
    files.set(path, finished.known)
    drafts.set(path, finished)
  }
}

/** A file that changed less than this before it was read may change again without another time of change. */
const SETTLED_MS = 2_000

function finishedOf({ world, registry, since }: GatherRun, draft: Draft, stat: FileStat | undefined): Finished {
  const { node, provider, found, issues, file, isSure } = draft
  const isSettled = stat !== undefined && stat.changedAt < world.now() - SETTLED_MS
  const links = registry.extractors.flatMap(({ key }) => found.get(key) ?? [])
  const before = since?.carried.drafts.get(node.path)?.links
  return {
    ...{ node, provider, issues, file, lookedAtBy: new Set(found.keys()) },
    // What depends on links alone need not look where they are the same objects.
    links: before !== undefined && isDeepStrictEqual(before, links) ? before : links,
    known: {
      ...{ provider: provider.key, found: Object.fromEntries(found), issues },
      ...(isSettled && isSure && { mark: stat.mark }),
    },
  }
}
