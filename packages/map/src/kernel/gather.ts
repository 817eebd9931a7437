import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { limits } from '@tenon/contract'
import type { FoundFile, KnownFolder, OrphanSidecar } from '../files/listing.ts'
import { listedStill, walk, type Found, type Listings } from '../files/walk.ts'
import { statOf, type FileStat } from '../files/file-stat.ts'
import { sharedLooker, type Looker } from '../thread/shared-looks.ts'
import { textReader } from '../thread/text-reader.ts'
import { begunBatch, draftsOf, type Batch } from './batch.ts'
import type { Since } from './carried.ts'
import type { Draft, Finished } from './draft.ts'
import type { ScanEventData } from './events.ts'
import { appliesTo, extractFrom } from './extract.ts'
import type { Gathering, GatherRun } from './gathering.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { extensionsReadBy, readByAny, walks } from './provider-files.ts'
import { isWalked } from './read-files.ts'
import { reuseOf, type Reuse } from './reuse.ts'
import type { KnownFile, Knowledge } from './snapshot.ts'
import { walkedFiles, type WalkedFiles } from './walked-files.ts'

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
  knowledge: Pick<Knowledge, 'inputs' | 'files' | 'folders'>
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
  const places = roots.map((root) => resolve(world.cwd, root))
  const since = certainSince(gathering, reuse)
  const run: GatherRun = {
    ...gathering,
    texts: textReader(gathering.thread, options.tokens),
    lookAt: since === undefined ? lookerAt(places, gathering) : statOf,
    ...{ extractors, reuse, since },
    ...{ listings: new Map(), drafts: new Map(), orphanSidecars: [], files: new Map(), held: new Map(), walked: 0 },
    ...{ read: new Set(), relinked: new Set() },
  }
  for (const [at, root] of places.entries()) await gatherRoot(run, root, options.before.knowledge.folders[at])
  const { listings, drafts, orphanSidecars, walked, files, held, read, relinked } = run
  return {
    ...{ since, isSame: reuse.isSame, listings, drafts, orphanSidecars, walked, held, read, relinked },
    knowledge: { inputs, files, folders: places.map((root) => rememberedIn(listings.get(root))) },
  }
}

/** Lets a thread that has begun look at known files, where it is known in which root they are. */
function lookerAt([folder, ...others]: readonly string[], { thread, options }: Gathering): Looker {
  if (!thread.isBegun || options.trust !== 'stat' || folder === undefined || others.length > 0) return statOf
  const [paths, marks]: [string[], string[]] = [[], []]
  for (const [path, { mark }] of options.before.knowledge.files)
    if (mark !== undefined) {
      paths.push(path)
      marks.push(mark)
    }
  const looks = { folder, paths, marks, states: new Uint8Array(new SharedArrayBuffer(paths.length)) }
  thread.look(looks)
  return sharedLooker(looks)
}

/** Who finds files itself is asked for them each time. */
const certainSince = ({ registry, options }: Gathering, { isSame }: Reuse): Since | undefined =>
  options.trust === 'stat' && isSame && !registry.providers.some(walks) ? options.since : undefined

/** Those folders of a root that can be told to be as they were. */
function rememberedIn(listings: Listings | undefined): ReadonlyMap<string, KnownFolder> {
  const folders = new Map<string, KnownFolder>()
  for (const [path, { known }] of listings ?? []) if (known !== undefined) folders.set(path, known)
  return folders
}

/** Where Providers find files themselves, every file is listed, and few of them may be read. */
function readable(files: FoundFile[], providers: readonly LoadedProvider[], walked: WalkedFiles): FoundFile[] {
  const isRead = readByAny(providers)
  return files.filter(({ path }) => isRead(path) || isWalked(walked, path))
}

type KnownFolders = Knowledge['folders'][number]

async function gatherRoot(run: GatherRun, root: string, known: KnownFolders | undefined): Promise<void> {
  const { registry, options } = run
  const { providers } = registry
  const found = foundIn(run, root, known)
  const walked = await walkedFiles(root, found, providers, { ...run, maxFileBytes: options.maxFileBytes })
  const files = providers.some(walks) ? readable(found.files, providers, walked) : found.files
  run.walked += files.length
  run.orphanSidecars.push(...found.orphanSidecars)
  const { only } = options
  const wanted = only === undefined ? files : files.filter(({ path }) => only.has(path))
  const begun: Batch[] = []
  for (let from = 0; from < wanted.length || begun.length > 0; ) {
    // Bodies are held for two batches only, so that memory does not grow with the tree.
    while (from < wanted.length && readIn(begun) <= limits.mapBatchFiles) {
      const next = await begunBatch(run, walked, wanted, from)
      from = next.end
      begun.push(next)
    }
    const first = begun.shift()
    if (first !== undefined) await finishBatch(run, first)
  }
}

const readIn = (batches: readonly Batch[]): number => batches.reduce((sum, { read }) => sum + read.claims.length, 0)

function foundIn(run: GatherRun, root: string, known: KnownFolders = new Map()): Found {
  const { world, registry, options, tell, since, listings } = run
  const listed = since?.carried.listings.get(root)
  const found = walk(root, {
    extensions: extensionsReadBy(registry.providers),
    any: registry.providers.some(walks),
    ignore: options.ignore,
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
    listed: since && listed && listedStill(listed, root, since.touched),
    memory: { known: options.trust === 'stat' ? known : new Map(), settledAt: world.now() - SETTLED_MS },
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
  for (const { file, kept, stat } of begun.looked) {
    const { path } = file
    const draft = kept === undefined ? byPath.get(path) : undefined
    const finished = kept ?? (draft && finishedOf(run, draft, stat))
    if (finished === undefined) continue
    if (kept === undefined) read.add(path)
    else held.set(path, kept)
    tell('scan.progress', progressOf(finished, drafts.size, kept !== undefined))
    files.set(path, finished.known)
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
