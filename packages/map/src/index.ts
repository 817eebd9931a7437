export { disabledKinds, scan, scanJson } from './scan.ts'
export { formatGraph, type FormatRequest, type FormattedGraph } from './format-graph.ts'
export { openActions, type ActionDone, type ActionRequest, type Actions, type Invoker } from './actions.ts'
export { annotationCatalogue } from './annotation-catalogue.ts'
export { driftedNodes, presentNode, type LiveNode, type NodePlaces } from './sidecars/live-node.ts'
export { readingsOf, type Reading } from './sidecars/reading.ts'
export { annotateSidecar, refreshSidecar } from './sidecars/scaffold.ts'
export { orphanSidecars, removeOrphan, type OrphanFile } from './sidecars/orphans.ts'
export { watchRoots, type Watched, type WatchRequest } from './files/watch.ts'
export { SCANNED_BY } from './versions.ts'
export { listNodes, SORT_KEYS, TAG_SOURCES, type NodeFilter, type SortKey, type TagSource } from './query/list-nodes.ts'
export { showKeptNode, showNode, unknownNode, type ShownNode } from './query/show-node.ts'
export { checkIssues, modelRules, type IssueFilter } from './query/check-issues.ts'
export { exportGraph, type GraphExport } from './query/export-graph.ts'
export { parseExportQuery, type ExportFilters } from './query/export-query.ts'
export { globMatcher } from './query/glob.ts'
export { compareScans, type ChangedNode, type ScanDifference } from './query/compare-scans.ts'
export { listActions, showAction, type ListedAction } from './query/actions.ts'
export { readScanDump } from './query/scan-dump.ts'
export { builtInPlugins } from './built-in/plugins.ts'
export {
  issueSchema,
  linkSchema,
  nodeSchema,
  scanResultSchema,
  type Issue,
  type Link,
  type Node,
  type ScanResult,
} from './graph-schema.ts'
export type { Scan, ScanOptions, ScanRequest } from './kernel/run-scan.ts'
export type { Enrichment, ExtractorRuns } from './kernel/collector.ts'
export type { Contribution } from './kernel/contributions.ts'
export type { LoadFault } from './kernel/loaded-extension.ts'
export type { ScanEvent } from './kernel/events.ts'
export type {
  Action,
  ActionContext,
  ActionOutcome,
  EmittedLink,
  Extension,
  ExtensionSource,
  Extractor,
  ExtractorContext,
  Formatter,
  FormatterContext,
  FoundIssue,
  Hook,
  HookContext,
  MapPlugin,
  Provider,
  Rule,
  RuleContext,
  SidecarWrite,
  WalkedNode,
} from './kernel/extension.ts'
export type { AnnotationKey, ExtractorInput, Graph, ProviderInput } from './kernel/inputs.ts'
export type {
  Answer,
  Emission,
  ExtractorRunner,
  ProviderRunner,
  RuleFindings,
  RuleRunner,
  Runners,
  WalkRequest,
  WalkRunner,
} from './kernel/runners.ts'
export type { ExtensionKind, Manifest } from './kernel/manifest-schema.ts'
export { discoverPlugins, type PluginFolder } from './plugins/discover.ts'
export {
  isLoadable,
  isSwitchedOff,
  judged,
  mapRuntime,
  withoutSharedTables,
  type DiscoveredPlugin,
  type LoadablePlugin,
  type LoadStatus,
} from './plugins/loadable.ts'
export {
  loadPlugins,
  openTrusted,
  pluginExtensions,
  workerOf,
  type LoadedPlugins,
  type OpenPlugin,
} from './plugins/load.ts'
export { normalizeTrigger } from './text/trigger.ts'
export { mapMigrations } from './store/migrations.ts'
export { orphanIssues, ORPHAN_RULES } from './store/settle-orphan.ts'
export { refreshNodes } from './refresh.ts'
export { holdsScan, readMap, readMapParts, readMapShape, type ScanParts } from './store/read-map.ts'
export { openMapStore, type MapStore } from './store/map-store.ts'
export type { Rename } from './kernel/renames.ts'
export type { Trust } from './kernel/reuse.ts'
export type { Snapshot } from './kernel/snapshot.ts'
export type { HeldEnrichment } from './store/enrichments.ts'
export { EXECUTION_STATUSES, type Execution, type ExecutionFilter, type ExecutionStatus } from './store/executions.ts'
export { backUpMap, requireMap, restoreMap } from './store/backup.ts'
export { planReset, resetMap, type ResetPlan, type ResetReach } from './store/reset.ts'
export { dumpMap } from './store/dump.ts'
export { migrateMap, shapeStatus, type ShapeStatus } from './store/migrate.ts'
export type { KvEntry, KvPlace, KvStore } from './store/plugin/kv-store.ts'
export {
  openDedicatedStore,
  type DedicatedOwner,
  type DedicatedStore,
  type ScopedDatabase,
} from './store/plugin/dedicated-store.ts'
export {
  migratePlugin,
  pluginStatus,
  type DedicatedStorage,
  type PluginStep,
} from './store/plugin/plugin-migrations.ts'
export { declaredStorage, type DeclaredStorage } from './store/plugin/declared-storage.ts'
export { kvCalls, tableCalls } from './store/plugin/store-calls.ts'
export type { PluginStore, StoreCall } from './kernel/store-facade.ts'
export { tableCollisions } from './store/plugin/plugin-tables.ts'
export { executionStats, PERIODS, type ExecutionStats, type Period } from './store/execution-stats.ts'
export {
  containedExtensions,
  WORKER_ENTRY,
  workerFiles,
  type CallWorker,
  type OpenWalker,
  type Walker,
  type WorkerFile,
} from './contained.ts'
export { CONFIG_DEFAULTS, type Config } from './config/config-schema.ts'
export {
  LOCAL_SETTINGS_FILE,
  readConfig,
  refuseProblems,
  SETTINGS_FILE,
  sourceOf,
  type ConfigLayerName,
  type ConfigPlaces,
  type LayeredConfig,
} from './config/config-layers.ts'
export { changeConfigFile, documentIn, refuseValue, unknownKey } from './config/config-file.ts'
export {
  keyOf,
  leavesOf,
  pathOf,
  valueAtPath,
  withoutValue,
  withValue,
  type ConfigPath,
} from './config/config-path.ts'
export {
  isSealed,
  REDACTED,
  secretPathsIn,
  withoutSecrets,
  type IsSecret,
  type SealedSetting,
} from './config/sealed-setting.ts'
export { disabledIn, scanSettings, switchesOf, type Switches } from './config/scan-settings.ts'
export { knownPlugins, switchKeys, type KnownExtension, type KnownPlugin } from './plugins/known-plugins.ts'
export { storedSwitches } from './store/stored-switches.ts'
export { VIEW_CONTRACT_SUMMARIES } from './kernel/view-contracts.ts'
export { CATALOG_VERSION } from './versions.ts'
export { secretVariable, settingFaults, type ConfiguredSettings, type OpenedSecrets } from './kernel/settings.ts'
export { settingProblems } from './config/setting-problems.ts'
export { examineDatabase } from './doctor/examine-database.ts'
export { examinePlugins, isWell } from './doctor/examine-plugins.ts'
export type { Finding } from './doctor/finding.ts'
export { newPluginFiles, type NewPluginFile } from './plugins/new-plugin.ts'
export { upgradeForCatalog, type CatalogMigration, type CatalogUpgrade } from './plugins/catalog-upgrade.ts'
export { runSuite, type CaseReport, type RunSm, type SmCall, type SuiteRun } from './conformance/run-suite.ts'
export type { Outcome, SmEnd } from './conformance/outcome.ts'
