export { registryFace } from './face.ts'
export type { PublishPorts } from './publish.ts'
export {
  createPublisherToken,
  isOperatorToken,
  makeOperatorToken,
  type IsOperator,
  type Operator,
  type Publisher,
  type RegistryPrincipal,
} from './publisher.ts'
export { registryMigrations } from './migrations.ts'
export { sqliteStore } from './sqlite-store.ts'
export type {
  PluginQuery,
  PublishedVersion,
  PublisherKey,
  RegistryStore,
  StoredListing,
  StoredPlugin,
  StoredVersion,
} from './store.ts'
