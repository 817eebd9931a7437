import { resolve } from 'node:path'
import { limits, type World } from '@tenon/contract'
import { statOf, type FileStat } from '../files/file-stat.ts'
import { walk, type FoundFile, type OrphanSidecar } from '../files/walk.ts'
import { tokenCounts, type TokenCounts } from '../text/token-counts.ts'
import { claimFiles, extensionsOf, type Claim } from './claim.ts'
import type { Collector } from './collector.ts'
import { draftOf, knownDraft, type Draft } from './draft.ts'
import type { Tell } from './events.ts'
import { appliesTo, extractFrom } from './extract.ts'
import type { LoadedExtractor } from './loaded-extension.ts'
import { readFile, type ReadFile } from './read-file.ts'
import type { Registry } from './registry.ts'
import { reuseOf, type KnownBefore, type Reuse, type Trust } from './reuse.ts'
import type { SettingsByPlugin } from './settings.ts'
import type { Knowledge, KnownFile, Snapshot } from './snapshot.ts'

export type GatherOptions = {
  tokens: boolean
  strict: boolean
  ignore: readonly string[]
  maxFileBytes: number
  before: Snapshot
  trust: Trust
  /** The only paths that are looked at; every one when absent. */
  only?: ReadonlySet<string>
}

type Gathering = {
  world: World
  registry: Registry
  settings: SettingsByPlugin
  collector: Collector
  tell: Tell
  inputs: Readonly<Record<string, string>>
  options: GatherOptions
}

/** Every node of the roots, with what was found in it. */
export type Gathered = {
  drafts: Map<string, Draft>
  orphanSidecars: OrphanSidecar[]
  walked: number
  knowledge: Knowledge
  /** Pairs of a node's path and an extractor's key for which what was found before holds. */
  held: ReadonlySet<string>
}

type Run = Gathering & {
  /** Those whose settings are as they should be. */
  extractors: readonly LoadedExtractor[]
  reuse: Reuse
  counts: TokenCounts
  drafts: Map<string, Draft>
  orphanSidecars: OrphanSidecar[]
  files: Map<string, KnownFile>
  held: Set<string>
  walked: number
}

export const heldPair = (nodePath: string, extractorKey: string): string => JSON.stringify([nodePath, extractorKey])

/** Walks the roots once, lets Providers claim the files and extractors look at what is not known of them. */
export async function gather(roots: readonly string[], gathering: Gathering): Promise<Gathered> {
  const { world, inputs, options } = gathering
  await using counts = tokenCounts()
  const run: Run = {
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

async function gatherRoot(run: Run, root: string): Promise<void> {
  const { registry, options, tell } = run
  const { files: found, orphanSidecars } = await walk(root, {
    extensions: new Set(registry.providers.flatMap(extensionsOf)),
    ignore: options.ignore,
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
  })
  run.walked += found.length
  run.orphanSidecars.push(...orphanSidecars)
  const { only } = options
  const wanted = only === undefined ? found : found.filter(({ path }) => only.has(path))
  // Bodies are held for two batches only, so that memory does not grow with the tree.
  let ahead = begunBatch(run, wanted, 0)
  for (let from = 0; from < wanted.length; from += limits.mapBatchFiles) {
    const begun = ahead
    ahead = begunBatch(run, wanted, from + limits.mapBatchFiles)
    await finishBatch(run, begun)
  }
}

/** Files that were looked at and read, with the counts of their tokens on the way. */
type Batch = {
  order: readonly FoundFile[]
  marks: ReadonlyMap<string, FileStat | undefined>
  known: readonly KnownBefore[]
  read: Counted
}

function begunBatch(run: Run, wanted: readonly FoundFile[], from: number): Batch {
  const order = wanted.slice(from, from + limits.mapBatchFiles).filter(({ path }) => isFree(run, path))
  const marks = new Map(order.map((file) => [file.path, statOf(file)]))
  const known = order.flatMap((file) => run.reuse.unread(file, marks.get(file.path)) ?? [])
  const unread = new Set(known.map(({ path }) => path))
  const toRead = order.filter(({ path }) => !unread.has(path))
  return { order, marks, known, read: readCounted(run, toRead) }
}

async function finishBatch(run: Run, begun: Batch): Promise<void> {
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

/** Whether no earlier root has brought a file of this path. */
function isFree({ drafts, tell }: Run, path: string): boolean {
  const taken = drafts.has(path)
  if (taken) tell('scan.skipped', { path, reason: 'path-taken' })
  return !taken
}

/** Files as read, and for each the tokens of its front matter and of its body; none where they are not to be counted. */
type Counted = { files: readonly ReadFile[]; tokens: Promise<number[]> | undefined }

function readCounted({ options, tell, counts }: Run, found: readonly FoundFile[]): Counted {
  const files = found.flatMap((one) => {
    const file = readFile(one, options.maxFileBytes)
    if (file.skipped === undefined) return file
    tell('scan.skipped', { path: file.path, reason: file.skipped })
    return []
  })
  const texts = (): string[] => files.flatMap(({ parsed }) => [parsed.frontMatter.raw ?? '', parsed.body])
  return { files, tokens: options.tokens ? counts.count(texts()) : undefined }
}

/** The drafts of a batch, in the order of its files. What is not known of a file that was not read makes it be read after all. */
async function draftsOf(run: Run, { known, read, order }: Batch): Promise<Draft[]> {
  const { registry, options } = run
  const made = new Map<string, Draft>()
  const make = async ({ files, tokens }: Counted): Promise<void> => {
    const counted = await tokens
    const places = new Map(files.map((file, index) => [file, index]))
    for (const claim of await claimFiles(registry.providers, files, run)) {
      const at = 2 * (places.get(claim.file) ?? 0)
      const draft = draftOf(claim, counted?.slice(at, at + 2), options.strict ? 'error' : 'warn')
      made.set(claim.file.path, draft)
      holdOver(run, draft, run.reuse.ofSame(draft))
    }
  }
  await make(read)
  const unsure: FoundFile[] = []
  for (const claim of await claimFiles(registry.providers, known, run)) {
    const draft = draftOfKnown(run, claim)
    if (draft === undefined) unsure.push(claim.file.file)
    else made.set(claim.file.path, draft)
  }
  await make(readCounted(run, unsure))
  return order.flatMap(({ path }) => made.get(path) ?? [])
}

/** Undefined where it was claimed otherwise before, or an extractor has yet to look at it. */
function draftOfKnown(run: Run, { file, provider, kind }: Claim<KnownBefore>): Draft | undefined {
  const { node, known } = file
  if (provider.key !== known.provider || node.kind !== kind) return undefined
  const draft = knownDraft(node, provider, file.file, known)
  const isMissing = ({ key }: { key: string }): boolean => !run.reuse.isValid(key) || known.found[key] === undefined
  if (run.extractors.some((extractor) => appliesTo(extractor, draft) && isMissing(extractor))) return undefined
  holdOver(run, draft, known)
  return draft
}

/** What extractors found in a file before, and would find again. */
function holdOver({ reuse, extractors, held }: Run, draft: Draft, known: KnownFile | undefined): void {
  for (const extractor of extractors) {
    const links = known?.found[extractor.key]
    if (links === undefined || !reuse.isValid(extractor.key) || !appliesTo(extractor, draft)) continue
    draft.found.set(extractor.key, links)
    held.add(heldPair(draft.node.path, extractor.key))
  }
}
