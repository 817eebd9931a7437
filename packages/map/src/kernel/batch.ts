import { limits } from '@tenon/contract'
import type { FileStat } from '../files/file-stat.ts'
import type { FoundFile } from '../files/listing.ts'
import type { TextFacts } from '../text/text-facts.ts'
import { claimFiles, type Claim } from './claim.ts'
import { draftOf, type Draft, type Finished } from './draft.ts'
import { appliesTo } from './extract.ts'
import type { GatherRun } from './gathering.ts'
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
type Read = { claims: readonly Claim[]; facts: () => Promise<TextFacts[]> }

/** After so many looks, what is to be read by then is begun with, and found out about while others are looked at. */
const LOOKED_MAX = 500

/**
 * Takes so many files from a place on that no more than a batch has to be read, and reads those; more is found out about
 * their texts while others are looked at or worked upon.
 */
export async function begunBatch(
  run: GatherRun,
  walked: WalkedFiles,
  found: readonly FoundFile[],
  from: number,
): Promise<Batch> {
  const looked: LookedAt[] = []
  const toRead: FoundFile[] = []
  let end = from
  while (end < found.length && toRead.length < limits.mapBatchFiles && looked.length < LOOKED_MAX) {
    const file = found[end++]
    if (file === undefined || !isFree(run, file.path)) continue
    const one = lookedAt(run, walked, file)
    looked.push(one)
    if (one.kept === undefined) toRead.push(file)
  }
  return { end, looked, read: await readOf(run, walked, toRead) }
}

function lookedAt(run: GatherRun, walked: WalkedFiles, file: FoundFile): LookedAt {
  const carried = carriedOver(run, file)
  if (carried !== undefined) return { file, kept: carried, stat: undefined }
  const stat = run.lookAt(file)
  return { file, kept: isWalked(walked, file.path) ? undefined : run.reuse.unread(file, stat), stat }
}

/** What a file came to for who watches, unless it, or its sidecar, may be another by now. */
function carriedOver({ since, options }: GatherRun, { path, absolute, sidecar }: FoundFile): Finished | undefined {
  if (since === undefined) return undefined
  const { carried, touched } = since
  const [draft, node] = [carried.drafts.get(path), options.before.nodes.get(path)]
  if (draft === undefined || node === undefined) return undefined
  if (draft.known.mark === undefined || draft.file.absolute !== absolute || touched.has(absolute)) return undefined
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
  return { claims, facts: run.texts.begun(texts) }
}

/** The drafts of the files of a batch that were read. */
export async function draftsOf(run: GatherRun, { claims, facts }: Read): Promise<Draft[]> {
  const found = await facts()
  return claims.map((claim, index) => {
    const draft = draftOf(claim, found[index] ?? { code: [] }, run.options.strict ? 'error' : 'warn')
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
