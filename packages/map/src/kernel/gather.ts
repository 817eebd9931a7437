import { resolve } from 'node:path'
import { limits, type World } from '@tenon/contract'
import { statOf } from '../files/file-stat.ts'
import { walk, type FoundFile, type OrphanSidecar } from '../files/walk.ts'
import { loadTokenCounter } from '../text/tokens.ts'
import { claimFiles, extensionsOf, type Claim } from './claim.ts'
import type { Collector } from './collector.ts'
import { draftOf, knownDraft, type Draft, type DraftOptions } from './draft.ts'
import type { Tell } from './events.ts'
import { appliesTo, extractFrom } from './extract.ts'
import type { LoadedExtractor } from './loaded-extension.ts'
import { readFiles, type ReadFile } from './read-files.ts'
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
  const run: Run = {
    ...gathering,
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
    onUnreadable: (path) => tell('scan.skipped', { path, reason: 'unreadable' }),
  })
  run.walked += found.length
  run.orphanSidecars.push(...orphanSidecars)
  // Bodies are held for one batch only, so that memory does not grow with the tree.
  const { only } = options
  const wanted = only === undefined ? found : found.filter(({ path }) => only.has(path))
  for (let from = 0; from < wanted.length; from += limits.mapBatchFiles)
    await gatherBatch(run, wanted.slice(from, from + limits.mapBatchFiles))
}

async function gatherBatch(run: Run, found: readonly FoundFile[]): Promise<void> {
  const { settings, collector, tell, drafts, world } = run
  const marks = new Map(found.map((file) => [file.path, statOf(file)]))
  const free = found.filter(({ path }) => isFree(run, path))
  const known = free.flatMap((file) => run.reuse.unread(file, marks.get(file.path)) ?? [])
  const unread = new Set(known.map(({ path }) => path))
  const read = await readable(
    run,
    free.filter(({ path }) => !unread.has(path)),
  )
  const batch = await draftsOf(run, { known, read, order: free })
  for (const extractor of run.extractors)
    await extractFrom(batch, extractor, settings.get(extractor.plugin.id) ?? {}, collector)
  for (const draft of batch) {
    const { path, kind } = draft.node
    tell('scan.progress', { index: drafts.size, path, kind, cached: draft.input === undefined })
    const stat = marks.get(path)
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

async function readable({ options, tell }: Run, found: readonly FoundFile[]): Promise<ReadFile[]> {
  const files = await readFiles(found, options.maxFileBytes)
  return files.filter((file) => {
    if (file.skipped !== undefined) tell('scan.skipped', { path: file.path, reason: file.skipped })
    return file.skipped === undefined
  })
}

type Batch = { known: readonly KnownBefore[]; read: readonly ReadFile[]; order: readonly FoundFile[] }

/** The drafts of a batch, in the order of its files. What is not known of a file that was not read makes it be read after all. */
async function draftsOf(run: Run, { known, read, order }: Batch): Promise<Draft[]> {
  const { registry } = run
  const { tokens, strict } = run.options
  const made = new Map<string, Draft>()
  const make = async (files: readonly ReadFile[]): Promise<void> => {
    const countTokens = tokens && files.length > 0 ? await loadTokenCounter() : undefined
    const options: DraftOptions = { countTokens, severity: strict ? 'error' : 'warn' }
    for (const claim of await claimFiles(registry.providers, files, run)) {
      const draft = draftOf(claim, options)
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
  await make(await readable(run, unsure))
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
