import type { World } from '@tenon/contract'
import type { OrphanSidecar } from '../files/listing.ts'
import type { Listings } from '../files/walk.ts'
import type { SecondThread } from '../thread/second-thread.ts'
import type { Looker } from '../thread/shared-looks.ts'
import type { TextReader } from '../thread/text-reader.ts'
import type { Since } from './carried.ts'
import type { Collector } from './collector.ts'
import type { Finished } from './draft.ts'
import type { Tell } from './events.ts'
import type { LoadedExtractor } from './loaded-extension.ts'
import type { Registry } from './registry.ts'
import type { Reuse, Trust } from './reuse.ts'
import type { SettingsByPlugin } from './settings.ts'
import type { KnownFile, Snapshot } from './snapshot.ts'

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
  lookAt: Looker
  /** Where it is certain that nothing but what was touched is otherwise. */
  since: Since | undefined
  listings: Map<string, Listings>
  drafts: Map<string, Finished>
  orphanSidecars: OrphanSidecar[]
  files: Map<string, KnownFile>
  read: Set<string>
  relinked: Set<string>
  held: Map<string, Pick<Finished, 'lookedAtBy'>>
  walked: number
}
