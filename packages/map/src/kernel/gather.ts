import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { limits } from '@tenon/contract'
import type { FoundFile } from '../files/listing.ts'
import { listedStill, walk, type Found } from '../files/walk.ts'
import type { FileStat } from '../files/file-stat.ts'
import { textReader } from '../thread/text-reader.ts'
import { begunBatch, draftsOf, type Batch } from './batch.ts'
import type { Since } from './carried.ts'
import type { Draft, Finished } from './draft.ts'
import { appliesTo, extractFrom } from './extract.ts'
import type { Gathered, Gathering, GatherRun } from './gathering.ts'
import { foldersIn, seenBeside, type KnownFolders } from './known-folders.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { extensionsReadBy, readByAny, walks } from './provider-files.ts'
import { withPassedOver } from './passed-over.ts'
import { progressOf } from './progress.ts'
import { isWalked } from './read-files.ts'
import { reuseOf, type Reuse } from './reuse.ts'
import type { KnownFile } from './snapshot.ts'
import { walkedFiles, type WalkedFiles } from './walked-files.ts'

/** Walks the roots once, lets Providers claim the files and extractors look at what is not known of them. */
export async function gather(roots: readonly string[], gathering: Gathering): Promise<Gathered> {
  const { world, registry, settings, inputs, options } = gathering
  const extractors = registry.extractors.filter(({ plugin }) => settings.has(plugin.id))
  const reuse = reuseOf(options.before, options.trust, { providers: registry.providers, extractors, inputs })
  const places = roots.map((root) => resolve(world.cwd, root))
  const since = certainSince(gathering, reuse)
  const mayPass = places.length === 1 && since === undefined && mayPassOver(gathering, reuse)
  const run: GatherRun = {
    ...{ ...gathering, mayPass },
    texts: textReader(gathering.thread, options.tokens),
    ...{ extractors, reuse, since },
    ...{ listings: new Map(), drafts: new Map(), orphanSidecars: [], files: new Map(), complaints: new Map() },
    ...{ folders: [], held: new Map(), walked: 0, passed: 0 },
    ...{ tried: new Set(), read: new Set(), relinked: new Set() },
  }
  const found: Found[] = []
  for (const [at, root] of places.entries())
    found.push(await gatherRoot(run, root, options.before.knowledge.folders[at] ?? new Map()))
  const { listings, orphanSidecars, walked, folders, read, relinked } = run
  const [only] = found
  const whole = mayPass && only !== undefined ? withPassedOver(run, only) : { ...run, isInPlace: false }
  const { drafts, held, isInPlace, files, complaints } = whole
  return {
    ...{ since, isSame: reuse.isSame, isInPlace, listings, drafts, orphanSidecars, walked, held, read, relinked },
    knowledge: { inputs, files, complaints, folders },
  }
}

/** Whether a file that looks as it did needs nothing more: what is known of it is read when it is asked for. */
function mayPassOver({ registry, options }: Gathering, { isSame }: Reuse): boolean {
  const { before, trust, only } = options
  return isSame && before.isSparse === true && trust === 'stat' && only === undefined && !registry.providers.some(walks)
}

/** Who finds files itself is asked for them each time. */
const certainSince = ({ registry, options }: Gathering, { isSame }: Reuse): Since | undefined =>
  options.trust === 'stat' && isSame && !registry.providers.some(walks) ? options.since : undefined

/** Where Providers find files themselves, every file is listed, and few of them may be read. */
function readable(files: FoundFile[], providers: readonly LoadedProvider[], walked: WalkedFiles): FoundFile[] {
  const isRead = readByAny(providers)
  return files.filter(({ path }) => isRead(path) || isWalked(walked, path))
}

async function gatherRoot(run: GatherRun, root: string, known: KnownFolders): Promise<Found> {
  const { registry, options } = run
  const { providers } = registry
  const found = foundIn(run, root, known)
  const walked = await walkedFiles(root, found, providers, { ...run, maxFileBytes: options.maxFileBytes })
  const files = providers.some(walks) ? readable(found.files, providers, walked) : found.files
  run.walked += files.length
  run.orphanSidecars.push(...found.orphanSidecars)
  const { only } = options
  const wanted = { ...found, files: only === undefined ? files : files.filter(({ path }) => only.has(path)) }
  const begun: Batch[] = []
  for (let from = 0; from < wanted.files.length || begun.length > 0; ) {
    // Bodies are held for two batches only, so that memory does not grow with the tree.
    while (from < wanted.files.length && readIn(begun) <= limits.mapBatchFiles) {
      const next = await begunBatch(run, walked, wanted, from)
      from = next.end
      begun.push(next)
    }
    const first = begun.shift()
    if (first !== undefined) await finishBatch(run, first)
  }
  run.folders.push(foldersIn(run, found, known))
  return found
}

const readIn = (batches: readonly Batch[]): number => batches.reduce((sum, { read }) => sum + read.claimed.length, 0)

function foundIn(run: GatherRun, root: string, known: KnownFolders): Found {
  const { world, registry, options, tell, since, listings, thread } = run
  const listed = since?.carried.listings.get(root)
  const isStat = options.trust === 'stat'
  const found = walk(root, {
    extensions: extensionsReadBy(registry.providers),
    any: registry.providers.some(walks),
    ignore: options.ignore,
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
    listed: since && listed && listedStill(listed, root, since.touched),
    memory: {
      known: isStat ? known : new Map(),
      settledAt: world.now() - SETTLED_MS,
      seen: isStat && since === undefined ? (tree) => seenBeside(thread, tree) : undefined,
    },
  })
  listings.set(root, found.listings)
  return found
}

async function finishBatch(run: GatherRun, begun: Batch): Promise<void> {
  const { settings, collector, tell, drafts, files, complaints, held, read } = run
  const made = await draftsOf(run, begun.read)
  for (const extractor of run.extractors)
    await extractFrom(made, extractor, settings.get(extractor.plugin.id) ?? {}, collector)
  const byPath = new Map(made.map((draft) => [draft.node.path, draft]))
  for (const { file, kept, stat } of begun.looked) {
    const { path } = file
    const draft = kept === undefined ? byPath.get(path) : undefined
    const finished = kept ?? (draft && finishedOf(run, draft, stat))
    if (finished === undefined) continue
    if (kept === undefined) read.add(path)
    else held.set(path, kept)
    if (run.isHeeded) tell('scan.progress', progressOf(finished, run.passed + drafts.size, kept !== undefined))
    files.set(path, finished.known)
    if (finished.issues.length > 0) complaints.set(path, finished.issues)
    drafts.set(path, finished)
  }
}

/** What changed less than this before it was read may change again without another time of change. */
const SETTLED_MS = 2_000

function finishedOf(run: GatherRun, draft: Draft, stat: FileStat | undefined): Finished {
  const { world, registry, extractors, options, relinked } = run
  const { node, provider, found, issues, file, isSure } = draft
  const isSettled = stat !== undefined && stat.changedAt < world.now() - SETTLED_MS
  const known: KnownFile = {
    ...{ provider: provider.key, found: Object.fromEntries(found) },
    ...(isSettled && isSure && { look: stat.look }),
    ...(extractors.some((one) => appliesTo(one, draft) && !found.has(one.key)) && { isUnfinished: true }),
  }
  if (!isDeepStrictEqual(options.before.knowledge.files.get(node.path)?.found, known.found)) relinked.add(node.path)
  const links = registry.extractors.flatMap(({ key }) => found.get(key) ?? [])
  return { ...{ node, provider, issues, file, links, known }, lookedAtBy: new Set(found.keys()) }
}
