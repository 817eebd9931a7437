import type { Look } from '../files/file-stat.ts'
import type { KnownFolder } from '../files/listing.ts'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { ContributionsByPath } from './contributions.ts'

/** What was found out about one file, so that the next scan need not do it again. */
export type KnownFile = {
  /** How it looked; absent where it had changed so lately that it could change again unseen. */
  look?: Look | undefined
  /** Whether an extractor has still to look at it, so that the next process reads it again. */
  isUnfinished?: boolean
  /** The key of the Provider that claimed it. */
  provider: string
  /** The links that each extractor found in it, by the extractor's key. */
  found: Readonly<Record<string, readonly Link[]>>
}

/** What is known of files, and of what a scan depends on: a fingerprint for each extension, and one for the options. */
export type Knowledge = {
  inputs: Readonly<Record<string, string>>
  files: ReadonlyMap<string, KnownFile>
  /** What the kernel itself found wrong with files, by the paths of those of which it found anything. */
  complaints: ReadonlyMap<string, readonly Issue[]>
  /** Of each root, in their order, the folders in it, by their paths. */
  folders: readonly ReadonlyMap<string, KnownFolder>[]
  /** What each rule found, by its key, but for those of which something was dropped. */
  judged: ReadonlyMap<string, readonly Issue[]>
}

/** The links of a graph, in its order. */
export type Links = {
  readonly count: number
  all(): readonly Link[]
  /** Those that leave these nodes. */
  from(paths: ReadonlySet<string>): readonly Link[]
}

/** The scan before, as far as the next one needs it. */
export type Snapshot = {
  /** Whether most of it is read only when it is asked for, and can be for as long as nobody keeps something else. */
  isSparse?: boolean
  /** The folders that were scanned; of others nothing of this is known. */
  roots: readonly string[]
  /** How many files it looked at. */
  filesWalked: number
  /** In the order of the graph. */
  nodes: ReadonlyMap<string, Node>
  links: Links
  /** What was kept for nodes, whether they are there still or not. */
  contributions: ContributionsByPath
  knowledge: Knowledge
  /** Names what is kept, for as long as nobody keeps something else. */
  generation?: string | undefined
}

/** Links that are in memory. */
export const linksOf = (list: readonly Link[]): Links => ({
  count: list.length,
  all: () => list,
  from: (paths) => list.filter(({ source }) => paths.has(source)),
})

export const NOTHING_BEFORE: Snapshot = {
  roots: [],
  filesWalked: 0,
  nodes: new Map(),
  links: linksOf([]),
  contributions: new Map(),
  knowledge: { inputs: {}, files: new Map(), complaints: new Map(), folders: [], judged: new Map() },
}
