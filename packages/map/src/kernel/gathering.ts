import type { World } from '@tenon/contract'
import type { KnownFolder, OrphanSidecar } from '../files/listing.ts'
import type { Listings } from '../files/walk.ts'
import type { SecondThread } from '../thread/second-thread.ts'
import type { TextReader } from '../thread/text-reader.ts'
import type { Since } from './carried.ts'
import type { Collector } from './collector.ts'
import type { Finished } from './draft.ts'
import type { Tell } from './events.ts'
import type { LoadedExtractor } from './loaded-extension.ts'
import type { Registry } from './registry.ts'
import type { Reuse, Trust } from './reuse.ts'
import type { SettingsByPlugin } from './settings.ts'
import type { Issue } from '../graph-schema.ts'
import type { KnownFile, Knowledge, Snapshot } from './snapshot.ts'

export type GatherOptions = {
  tokens: boolean
  strict: boolean
  ignore: readonly string[]
  maxFileBytes: number
  before: Snapshot
  trust: Trust
  /** The only paths that are looked at; every one when absent. */
  only?: ReadonlySet<string>
  since?: Since | undefined
}

/** What files are gathered with. */
export type Gathering = {
  world: World
  registry: Registry
  settings: SettingsByPlugin
  collector: Collector
  tell: Tell
  /** Whether anybody is told of each file. */
  isHeeded: boolean
  inputs: Readonly<Record<string, string>>
  thread: SecondThread
  options: GatherOptions
}

/** What is gathered, as far as it has come. */
export type GatherRun = Gathering & {
  /** Those whose settings are as they should be. */
  extractors: readonly LoadedExtractor[]
  reuse: Reuse
  texts: TextReader
  /** Where it is certain that nothing but what was touched is otherwise. */
  since: Since | undefined
  listings: Map<string, Listings>
  drafts: Map<string, Finished>
  orphanSidecars: OrphanSidecar[]
  files: Map<string, KnownFile>
  complaints: Map<string, readonly Issue[]>
  folders: ReadonlyMap<string, KnownFolder>[]
  /** The paths of the files that had to be read, and of those that were, and were claimed. */
  tried: Set<string>
  read: Set<string>
  relinked: Set<string>
  held: Map<string, Pick<Finished, 'lookedAtBy'>>
  walked: number
  /** Whether files that look as they did are passed over, and how many were. */
  mayPass: boolean
  passed: number
}

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
  knowledge: Pick<Knowledge, 'inputs' | 'files' | 'complaints' | 'folders'>
  /** By the paths of nodes, the keys of the extractors of which what they found there before holds. */
  held: { get(path: string): Pick<Finished, 'lookedAtBy'> | undefined }
  /** Whether nothing came or went, and each file was claimed by whom it was before. */
  isInPlace: boolean
  /** The paths of the files that were read. */
  read: ReadonlySet<string>
  /** Those among them in which other links were found than before. */
  relinked: ReadonlySet<string>
}
