export { openStorage, type Storage, type StorageOptions } from './storage.ts'
export { sqliteRows, storageMigrations } from './sqlite-rows.ts'
export type { RowStore } from './row-store.ts'
export type { KeyValue, KeyValueRules } from './key-value.ts'
export type { KeyValueMigration } from './kv-migration.ts'
export type { Secrets } from './secrets.ts'
export type {
  Configuration,
  ConfigurationAuthor,
  ConfigurationChange,
  ConfigurationView,
  LayerChange,
  Setting,
} from './configuration.ts'
export type { MasterKeys } from './data-key.ts'
export { openText, sealText } from './sealed-text.ts'
export type { ConfigurationLayer } from './setting-layers.ts'
export type { SettingSource } from './setting-sources.ts'
export type { DamagedRow } from './damage.ts'
export { settingProblems } from './setting-values.ts'
