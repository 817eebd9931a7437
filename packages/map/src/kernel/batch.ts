import { limits } from '@tenon/contract'
import { statOf, type FileStat } from '../files/file-stat.ts'
import type { FoundFile } from '../files/listing.ts'
import { isSame, type Found } from '../files/walk.ts'
import type { TextFacts } from '../text/text-facts.ts'
import { claimFiles } from './claim.ts'
import { described, draftOf, type Described, type Draft, type Finished } from './draft.ts'
import { appliesTo } from './extract.ts'
import type { GatherRun } from './gathering.ts'
import { progressOf } from './progress.ts'
import { isWalked, readFiles } from './read-files.ts'
import type { KnownFile } from './snapshot.ts'
import type { WalkedFiles } from './walked-files.ts'

/** Files that were looked at, and read where they had to be. */
export type Batch = {
  /** Where the next one begins. */
  end: number
  looked: readonly LookedAt[]
  read: Read
}

/** A file with how it looks, or with what it came to where it need not be read. */
type LookedAt = { file: FoundFile; kept: Finished | undefined; stat: FileStat | undefined }

/** Files that Providers have claimed, and what is found out about the text of each. */
type Read = { claimed: readonly Described[]; facts: () => Promise<TextFacts[]> }

/** After so many files, what is to be read by then is begun with, and found out about while others are read. */
const FILES_MAX = 500

/**
 * Takes so many files from a place on that no more than a batch has to be read, and reads those; more is found out about
 * their texts while others are looked at or worked upon.
 */
export async function begunBatch(
  run: GatherRun,
  walked: WalkedFiles,
  found: Pick<Found, 'files' | 'changed'>,
  from: number,
): Promise<Batch> {
  const looked: LookedAt[] = []
  const toRead: FoundFile[] = []
  const { files } = found
  let end = from
  while (end < files.length && toRead.length < limits.mapBatchFiles && end - from < FILES_MAX) {
    const file = files[end++]
    if (file === undefined || !isFree(run, file.path)) continue
    if (run.mayPass && isSame(found, file)) {
      passOver(run, file)
      continue
    }
    const kept = carriedOver(run, file) ?? keptOf(run, walked, isSame(found, file), file)
    looked.push({ file, kept, stat: kept === undefined ? statOf(file) : undefined })
    if (kept === undefined) toRead.push(file)
  }
  for (const { path } of toRead) run.tried.add(path)
  return { end, looked, read: await readOf(run, walked, toRead) }
}

function passOver(run: GatherRun, file: FoundFile): void {
  const kept = run.isHeeded ? run.reuse.unread(file) : undefined
  if (kept !== undefined) run.tell('scan.progress', progressOf(kept, run.passed + run.drafts.size, true))
  run.passed += 1
}

const keptOf = (
  { reuse }: GatherRun,
  walked: WalkedFiles,
  looksSame: boolean,
  file: FoundFile,
): Finished | undefined => (looksSame && !isWalked(walked, file.path) ? reuse.unread(file) : undefined)

/** What a file came to for who watches, unless it, or its sidecar, may be another by now. */
function carriedOver({ since, options }: GatherRun, { path, absolute, sidecar }: FoundFile): Finished | undefined {
  if (since === undefined) return undefined
  const { carried, touched } = since
  const [draft, node] = [carried.drafts.get(path), options.before.nodes.get(path)]
  if (draft === undefined || node === undefined) return undefined
  if (draft.known.look === undefined || draft.file.absolute !== absolute || touched.has(absolute)) return undefined
  if (touched.has(sidecar ?? absolute) || touched.has(draft.file.sidecar ?? absolute)) return undefined
  if (draft.node === node) return draft
  const { provider, issues, links, lookedAtBy, known } = draft
  return { ...{ node, provider, issues, links, lookedAtBy, known }, file: draft.file }
}

/** Whether no earlier root has brought a file of this path. */
function isFree({ drafts, tell }: GatherRun, path: string): boolean {
  const taken = drafts.has(path)
  if (taken) tell('scan.skipped', { path, reason: 'path-taken' })
  return !taken
}

async function readOf(run: GatherRun, walked: WalkedFiles, found: readonly FoundFile[]): Promise<Read> {
  const { registry, options, tell } = run
  const files = readFiles(found, registry.providers, {
    ...{ maxBytes: options.maxFileBytes, walked },
    onSkipped: (path, reason) => tell('scan.skipped', { path, reason }),
  })
  const claims = await claimFiles(registry.providers, files, run)
  const texts = claims.map(({ file, provider }) => file.textsFor(provider))
  const facts = run.texts.begun(texts)
  return { claimed: claims.map((claim) => described(claim, options.strict ? 'error' : 'warn')), facts }
}

/** The drafts of the files of a batch that were read. */
export async function draftsOf(run: GatherRun, { claimed, facts }: Read): Promise<Draft[]> {
  const found = await facts()
  return claimed.map((one, index) => {
    const draft = draftOf(one, found[index] ?? { code: [] })
    holdOver(run, draft, run.reuse.ofSame(draft))
    return draft
  })
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
  if (keys.size > 0) held.set(draft.node.path, { lookedAtBy: keys })
}
