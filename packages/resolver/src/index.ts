export {
  releaseOf,
  requirementsOf,
  type Catalog,
  type Release,
  type Requirement,
} from './catalog.ts'
export {
  answerCatalog,
  catalogFromDocument,
  readCatalog,
  type CatalogAnswer,
  type CatalogReading,
  type ScenariosDocument,
} from './catalog-document.ts'
export {
  lockfileText,
  readLockfile,
  type LockedPlugin,
  type Lockfile,
  type LockfileReading,
} from './lockfile.ts'
export type { ResolveRequest } from './request.ts'
export { resolve, type Chosen, type Resolution } from './resolve.ts'
export { compareVersions, isRange, isVersion, newestFirst, satisfies } from './version.ts'
