export {
  openDatabase,
  openReader,
  type Database,
  type DatabaseOptions,
  type DatabaseReader,
} from './database.ts'
export { readDatabase } from './read-database.ts'
export {
  copyDatabase,
  copyDatabaseNow,
  copyDatabasePages,
  dropDatabase,
  removeDatabase,
  replaceDatabase,
  settleDatabase,
} from './copy.ts'
export { openConfined, type ConfinedDatabase } from './confined.ts'
export type { Confinement } from './confinement.ts'
export { openGroupWriter, type GroupWriter } from './group-writer.ts'
export type { Statement } from './commit-loop.ts'
export type { Columns, RowOf, SqlValue } from './rows.ts'
export type { Migration } from './migrations.ts'
export { readOwner, takeOwnership, type Owner, type Ownership } from './ownership.ts'
export { takePassingLock, type PassingLock } from './passing-lock.ts'
