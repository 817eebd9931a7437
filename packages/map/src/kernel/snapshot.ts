import type { Issue, Link, Node } from '../graph-schema.ts'
import type { Contribution } from './contributions.ts'

/** What was found out about one file, so that the next scan need not do it again. */
export type KnownFile = {
  /** As `FileStat.mark`; absent where the file had changed so lately that it could change again unseen. */
  mark?: string | undefined
  /** The key of the Provider that claimed it. */
  provider: string
  /** The links that each extractor found in it, by the extractor's key. */
  found: Readonly<Record<string, readonly Link[]>>
  /** What the kernel itself found wrong with it. */
  issues: readonly Issue[]
}

/** What is known of files, and of what it depends on: a fingerprint for each extension, and one for the options. */
export type Knowledge = {
  inputs: Readonly<Record<string, string>>
  files: ReadonlyMap<string, KnownFile>
}

/** The scan before, as far as the next one needs it. */
export type Snapshot = {
  /** The folders that were scanned; of others nothing of this is known. */
  roots: readonly string[]
  /** How many files it looked at. */
  filesWalked: number
  nodes: ReadonlyMap<string, Node>
  /** What was kept for nodes, whether they are there still or not. */
  contributions: readonly Contribution[]
  knowledge: Knowledge
  /** Names what is kept, for as long as nobody keeps something else. */
  generation?: string | undefined
}

export const NOTHING_BEFORE: Snapshot = {
  roots: [],
  filesWalked: 0,
  nodes: new Map(),
  contributions: [],
  knowledge: { inputs: {}, files: new Map() },
}
