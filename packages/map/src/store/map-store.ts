import type { Json, World } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import type { ScanResult } from '../graph-schema.ts'
import type { Enrichment } from '../kernel/collector.ts'
import type { Contribution } from '../kernel/contributions.ts'
import type { Trust } from '../kernel/reuse.ts'
import type { Scan } from '../kernel/run-scan.ts'
import type { Snapshot } from '../kernel/snapshot.ts'
import { readEnrichments, refreshEnrichments, type HeldEnrichment } from './enrichments.ts'
import { readExecutions, type Execution, type ExecutionFilter } from './executions.ts'
import { favorites, type Favorites } from './favorites.ts'
import { openMapDatabase } from './open-database.ts'
import { heldSnapshot, type Reading } from './held-snapshot.ts'
import { holdsGeneration } from './knowledge.ts'
import { persistScan } from './persist.ts'
import { kvStore, type KvStore } from './plugin/kv-store.ts'
import { pluginSettings, type PluginSettings } from './plugin-settings.ts'
import { readContributions, readResult } from './read-scan.ts'
import { doneOrTried, reconcileOrphan, undoRename, type Trial } from './settle-orphan.ts'
import { strandedPaths } from './state-rows.ts'

export type MapStore = Disposable & {
  readonly plugins: PluginSettings
  readonly favorites: Favorites
  /** Replaces the scan that is held, all of it or nothing, and gives what the next one needs of it. What is held already is not written again. */
  persist(scan: Scan): Snapshot
  /** Whether what is held is what this was read or kept as. */
  holds(snapshot: Snapshot): boolean
  /**
   * What the next scan needs of the one that is held: one that trusts nothing need not know what was found in files. One
   * that is sparse reads when it is asked, while this is open and holds nothing else.
   */
  snapshot(trust?: Trust, reading?: Reading): Snapshot
  /** The scan that is held, or undefined before the first one. */
  readScan(): ScanResult | undefined
  /** What extensions said about the nodes of that scan, or about one of them. */
  readContributions(nodePath?: string): Contribution[]
  readEnrichments(nodePath?: string): HeldEnrichment[]
  /** Replaces what extractors found out about one node. */
  refreshEnrichments(nodePath: string, found: readonly Enrichment[]): void
  /** Paths that something is kept for although they are not among the live ones. */
  strandedPaths(live: { has(path: string): boolean }): string[]
  /** Takes what is kept about an orphan to a node. Throws NODE_UNKNOWN where there is no such orphan or node. */
  reconcileOrphan(from: string, to: string, options?: Trial): void
  /** Takes what is kept about a node back to the path that it was taken for, which it gives; `from` says which one of several. */
  undoRename(to: string, options?: Trial & { from?: string }): string
  readExecutions(filter: ExecutionFilter): Execution[]
  /** The keys of a plugin, whose values must fit the schema if there is one. */
  kv(pluginId: string, schema?: Validator<Json>): KvStore
  close(): void
}

/** Opens or makes the database of a map, by custom `<root>/.skill-map/skill-map.db`. */
export function openMapStore(path: string, world: World): MapStore {
  const database = openMapDatabase(path, world)
  return {
    plugins: pluginSettings(database, world),
    favorites: favorites(database, world),
    persist: (scan) => database.transaction(() => persistScan(database, scan, world.newId())),
    holds: (snapshot) => holdsGeneration(database, snapshot),
    snapshot: (trust = 'stat', reading = 'whole') => heldSnapshot(database, trust, reading),
    readScan: () => readResult(database),
    readContributions: (nodePath) => readContributions(database, nodePath),
    readEnrichments: (nodePath) => readEnrichments(database, nodePath),
    refreshEnrichments: (nodePath, found) =>
      database.transaction(() => refreshEnrichments(database, world, { nodePath, found })),
    strandedPaths: (live) => strandedPaths(database, live),
    reconcileOrphan: (from, to, trial = {}) => doneOrTried(database, trial, () => reconcileOrphan(database, from, to)),
    undoRename: (to, { from, ...trial } = {}) => doneOrTried(database, trial, () => undoRename(database, to, from)),
    readExecutions: (filter) => readExecutions(database, filter),
    kv: (pluginId, schema) => kvStore(database, world, { pluginId, ...(schema && { schema }) }),
    close: () => database.close(),
    [Symbol.dispose]: () => database.close(),
  }
}
