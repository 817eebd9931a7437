import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { assert, TenonError, type World } from '@tenon/contract'

/** One step of a database's shape. `id` is `<package>/<number>`; the sql of a released step never changes. */
export type Migration = { id: string; sql: string }

/**
 * Applies what is missing, all of it or nothing. A database that another version made, or that is none of ours,
 * is refused before it is touched.
 */
export function migrate(db: DatabaseSync, path: string, migrations: readonly Migration[], world: World): void {
  assert(new Set(migrations.map(({ id }) => id)).size === migrations.length, 'every migration has its own id')
  if (pendingOf(appliedIn(db, path), path, migrations).length === 0) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have migrated while this one waited for the lock.
    for (const migration of pendingOf(appliedIn(db, path), path, migrations)) apply(db, migration, world)
    db.exec('COMMIT')
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw thrown
  }
}

function apply(db: DatabaseSync, { id, sql }: Migration, world: World): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS tenon_migration (id TEXT PRIMARY KEY, digest TEXT NOT NULL, at TEXT NOT NULL) STRICT',
  )
  db.exec(sql)
  db.prepare('INSERT INTO tenon_migration VALUES (?, ?, ?)').run(id, digestOf(sql), new Date(world.now()).toISOString())
}

/** What is missing of a database, given the digests of what was applied. Throws DATA_FOLDER_FORMAT when another version did. */
export function pendingOf(
  applied: ReadonlyMap<string, string>,
  path: string,
  migrations: readonly Migration[],
): Migration[] {
  const known = new Map(migrations.map(({ id, sql }) => [id, digestOf(sql)]))
  for (const [id, digest] of applied) {
    if (!known.has(id))
      throw format(
        path,
        `holds the migration ${id}, which this version does not know`,
        'Use the newer version of Tenon.',
      )
    if (known.get(id) !== digest)
      throw format(path, `was made with another text of the migration ${id}`, 'Use the version of Tenon that made it.')
  }
  return migrations.filter(({ id }) => !applied.has(id))
}

function appliedIn(db: DatabaseSync, path: string): Map<string, string> {
  const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  if (tables.length === 0) return new Map()
  if (!tables.some(({ name }) => name === 'tenon_migration'))
    throw format(path, 'is a database that Tenon did not make', 'Move it away or choose another data folder.')
  const rows = db.prepare('SELECT id, digest FROM tenon_migration').all()
  return new Map(rows.map(({ id, digest }) => [String(id), String(digest)]))
}

const format = (path: string, what: string, hint: string): TenonError =>
  new TenonError('DATA_FOLDER_FORMAT', `${path} ${what}`, { hint, details: { path } })

export const digestOf = (sql: string): string => createHash('sha256').update(sql).digest('hex')
