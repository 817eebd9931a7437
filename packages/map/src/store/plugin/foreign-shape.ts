import type { Database } from '@tenon/database'
import { storageError } from './storage-error.ts'

const CATALOGUE = { type: 'text', name: 'text', tbl_name: 'text', sql: 'text?' } as const

/** What the database holds beside the tables of a plugin and their indexes, as one text for each. */
export const shapeBeside = (own: Database, isOwn: (table: string) => boolean): string[] =>
  own
    .all(CATALOGUE, 'SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name')
    .filter(
      ({ type, name, tbl_name }) =>
        !isOwn(tbl_name) || !['table', 'index'].includes(type) || (type === 'table' && !isOwn(name)),
    )
    .map(({ type, name, sql }) => `${type} ${name} ${sql ?? ''}`)

/** To rename a table is a way past the names that SQLite asks about, and a foreign key is one into other tables. */
export function refuseForeignShape(own: Database, isOwn: (table: string) => boolean, before: readonly string[]): void {
  const after = shapeBeside(own, isOwn)
  const intruder = after.find((object) => !before.includes(object)) ?? before.find((object) => !after.includes(object))
  if (intruder !== undefined)
    throw storageError('ScopedDbViolationError', `it changes what is not its own: ${intruder.split(' ', 2).join(' ')}`)
  const keys = own.all(
    { name: 'text', parent: 'text' },
    `SELECT s.name, f."table" AS parent FROM sqlite_schema s, pragma_foreign_key_list(s.name) f WHERE s.type = 'table'`,
  )
  const key = keys.find(({ name, parent }) => isOwn(name) && !isOwn(parent))
  if (key !== undefined)
    throw storageError('ScopedDbViolationError', `${key.name} refers to ${key.parent}, which is not its own`)
}
