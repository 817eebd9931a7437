import type { JsonObject } from '@tenon/contract'
import { statOf, type FileStat } from '../files/file-stat.ts'
import type { FoundFile } from '../files/walk.ts'
import type { TextFacts } from '../text/text-facts.ts'
import { claimFiles, isReadFor, parserOf, type Claim, type Claimable } from './claim.ts'
import { draftOf, knownDraft, type Draft, type Finished } from './draft.ts'
import { appliesTo } from './extract.ts'
import type { GatherRun } from './gathering.ts'
import type { LoadedProvider } from './loaded-extension.ts'
import { isWalked, readFiles, type ReadFile } from './read-files.ts'
import type { KnownBefore } from './reuse.ts'
import type { KnownFile } from './snapshot.ts'
import type { WalkedFiles } from './walked-files.ts'

/** Files that were looked at, and read where they had to be. */
export type Batch = {
  order: readonly FoundFile[]
  /** Those that were not even looked at, as they are for certain what they were. */
  kept: ReadonlyMap<string, Finished>
  marks: ReadonlyMap<string, FileStat | undefined>
  known: readonly Known[]
  read: Read
}

/** Files that Providers have claimed, and what is found out about the text of each. */
type Read = { claims: readonly Claim<ReadFile>[]; facts: () => Promise<TextFacts[]> }

/** Reads what has to be read of a batch; more is found out about the texts while others are worked upon. */
export async function begunBatch(run: GatherRun, walked: WalkedFiles, found: readonly FoundFile[]): Promise<Batch> {
  const order = found.filter(({ path }) => isFree(run, path))
  const kept = new Map(order.flatMap((file) => keptDraft(run, file).map((draft) => [file.path, draft])))
  const looked = order.filter(({ path }) => !kept.has(path))
  const marks = new Map(looked.map((file) => [file.path, statOf(file)]))
  const known = looked.flatMap((file) => (isWalked(walked, file.path) ? [] : unread(run, file, marks.get(file.path))))
  const isKnown = new Set(known.map(({ path }) => path))
  const toRead = looked.filter(({ path }) => !isKnown.has(path))
  return { order, kept, marks, known, read: await readOf(run, walked, toRead) }
}

/** What a file came to before, unless it, or its sidecar, may be another by now. */
function keptDraft({ since, options }: GatherRun, { path, absolute, sidecar }: FoundFile): Finished[] {
  const [draft, node] = [since?.carried.drafts.get(path), options.before.nodes.get(path)]
  if (since === undefined || draft === undefined || node === undefined) return []
  const isTouched = (file: string | undefined): boolean => file !== undefined && since.touched.has(file)
  if (draft.known.mark === undefined || draft.file.absolute !== absolute) return []
  if ([absolute, sidecar, draft.file.sidecar].some(isTouched)) return []
  return [draft.node === node ? draft : { ...draft, node }]
}

/** Whether no earlier root has brought a file of this path. */
function isFree({ drafts, tell }: GatherRun, path: string): boolean {
  const taken = drafts.has(path)
  if (taken) tell('scan.skipped', { path, reason: 'path-taken' })
  return !taken
}

type Known = KnownBefore & Claimable

/** A file that need not be read, unless a Provider would see more of it than is known. */
function unread(run: GatherRun, file: FoundFile, stat: FileStat | undefined): Known[] {
  const before = run.reuse.unread(file, stat)
  if (before === undefined) return []
  const readers = run.registry.providers.filter((provider) => isReadFor(provider, file.path))
  const claimant = readers.find(({ key }) => key === before.known.provider)
  const isPlain = (provider: LoadedProvider): boolean => parserOf(provider) === 'plain'
  if (claimant === undefined || (isPlain(claimant) && !readers.every(isPlain))) return []
  const frontmatterFor = (provider: LoadedProvider): JsonObject | undefined =>
    readers.includes(provider) ? ((isPlain(provider) ? {} : (before.node.frontmatter ?? {})) as JsonObject) : undefined
  return [{ ...before, frontmatterFor }]
}

async function readOf(run: GatherRun, walked: WalkedFiles, found: readonly FoundFile[]): Promise<Read> {
  const { registry, options, tell } = run
  const files = readFiles(found, registry.providers, {
    ...{ maxBytes: options.maxFileBytes, walked },
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
  })
  const claims = await claimFiles(registry.providers, files, run)
  const texts = claims.map(({ file, provider }) => file.textsFor(provider))
  return { claims, facts: run.texts.begun(texts) }
}

/** The drafts of a batch, in the order of its files. What is not known of a file that was not read makes it be read after all. */
export async function draftsOf(run: GatherRun, { known, read, order }: Batch): Promise<Draft[]> {
  const { registry, options } = run
  const made = new Map<string, Draft>()
  const make = async ({ claims, facts }: Read): Promise<void> => {
    const found = await facts()
    for (const [index, claim] of claims.entries()) {
      const draft = draftOf(claim, found[index] ?? { code: [] }, options.strict ? 'error' : 'warn')
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
  await make(await readOf(run, NOT_WALKED, unsure))
  return order.flatMap(({ path }) => made.get(path) ?? [])
}

const NOT_WALKED: WalkedFiles = new Map()

/** Undefined where it was claimed otherwise before, or an extractor has yet to look at it. */
function draftOfKnown(run: GatherRun, { file, provider, kind }: Claim<Known>): Draft | undefined {
  const { node, known } = file
  if (provider.key !== known.provider || node.kind !== kind) return undefined
  const draft = knownDraft(node, provider, file.file, known)
  const isMissing = ({ key }: { key: string }): boolean => !run.reuse.isValid(key) || known.found[key] === undefined
  if (run.extractors.some((extractor) => appliesTo(extractor, draft) && isMissing(extractor))) return undefined
  holdOver(run, draft, known)
  return draft
}

/** What extractors found in a file before, and would find again. */
function holdOver({ reuse, extractors, held }: GatherRun, draft: Draft, known: KnownFile | undefined): void {
  const keys = new Set<string>()
  for (const extractor of extractors) {
    const links = known?.found[extractor.key]
    if (links === undefined || !reuse.isValid(extractor.key) || !appliesTo(extractor, draft)) continue
    draft.found.set(extractor.key, links)
    keys.add(extractor.key)
  }
  if (keys.size > 0) held.set(draft.node.path, keys)
}
