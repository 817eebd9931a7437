import { resolve } from 'node:path'
import { limits } from '@tenon/contract'
import { walk, type OrphanSidecar } from '../files/walk.ts'
import { tokenCounts } from '../text/token-counts.ts'
import { begunBatch, draftsOf, type Batch } from './batch.ts'
import { extensionsReadBy, isReadByAny, walks } from './claim.ts'
import type { Draft } from './draft.ts'
import { extractFrom } from './extract.ts'
import type { Gathering, GatherRun } from './gathering.ts'
import { isWalked } from './read-files.ts'
import { reuseOf } from './reuse.ts'
import type { Knowledge, KnownFile } from './snapshot.ts'
import { walkedFiles } from './walked-files.ts'

/** Every node of the roots, with what was found in it. */
export type Gathered = {
  drafts: Map<string, Draft>
  orphanSidecars: OrphanSidecar[]
  walked: number
  knowledge: Knowledge
  /** Pairs of a node's path and an extractor's key for which what was found before holds. */
  held: ReadonlySet<string>
}

/** Walks the roots once, lets Providers claim the files and extractors look at what is not known of them. */
export async function gather(roots: readonly string[], gathering: Gathering): Promise<Gathered> {
  const { world, inputs, options } = gathering
  await using counts = tokenCounts()
  const run: GatherRun = {
    ...gathering,
    counts,
    extractors: gathering.registry.extractors.filter(({ plugin }) => gathering.settings.has(plugin.id)),
    reuse: reuseOf(options.before, inputs, options.trust),
    ...{ drafts: new Map(), orphanSidecars: [], files: new Map(), held: new Set(), walked: 0 },
  }
  for (const root of roots) await gatherRoot(run, resolve(world.cwd, root))
  const { drafts, orphanSidecars, walked, files, held } = run
  return { drafts, orphanSidecars, walked, held, knowledge: { inputs, files } }
}

async function gatherRoot(run: GatherRun, root: string): Promise<void> {
  const { registry, options, tell } = run
  const { providers } = registry
  const found = walk(root, {
    extensions: extensionsReadBy(providers),
    any: providers.some(walks),
    ignore: options.ignore,
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
  })
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

async function finishBatch(run: GatherRun, begun: Batch): Promise<void> {
  const { settings, collector, tell, drafts, world } = run
  const batch = await draftsOf(run, begun)
  for (const extractor of run.extractors)
    await extractFrom(batch, extractor, settings.get(extractor.plugin.id) ?? {}, collector)
  for (const draft of batch) {
    const { path, kind } = draft.node
    tell('scan.progress', { index: drafts.size, path, kind, cached: draft.input === undefined })
    const stat = begun.marks.get(path)
    const mark = stat !== undefined && stat.changedAt < world.now() - SETTLED_MS ? stat.mark : undefined
    run.files.set(path, knownOf(draft, mark))
    drafts.set(path, { ...draft, input: undefined })
  }
}

/** A file that changed less than this before it was read may change again without another time of change. */
const SETTLED_MS = 2_000

function knownOf({ provider, found, issues, known }: Draft, mark: string | undefined): KnownFile {
  if (known !== undefined && known.mark === mark && Object.keys(known.found).length === found.size) return known
  return {
    ...{ provider: provider.key, found: Object.fromEntries(found), issues },
    ...(mark === undefined ? {} : { mark }),
  }
}
