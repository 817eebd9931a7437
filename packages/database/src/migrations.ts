import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import { assert, TenonError, type World } from '@tenon/contract'

/** One step of a database's shape. `id` is `<package>/<number>`; the sql of a released step never changes. */
export type Migration = { id: string; sql: string }

export type MigrationPlan = {
  migrations: readonly Migration[]
  world: World
  /** The statements that make the tables of another program what all migrations would; throws when none can. */
  adopt?: () => string
  /** Called before tables that exist are changed. */
  beforeChange?: () => void
}

/**
 * Applies what is missing, all of it or nothing. A database that another version made, or that is none of ours and not
 * adopted, is refused before it is touched.
 */
export function migrate(db: DatabaseSync, path: string, plan: MigrationPlan): void {
  const { migrations, beforeChange } = plan
  assert(new Set(migrations.map(({ id }) => id)).size === migrations.length, 'every migration has its own id')
  const due = stepsFor(db, path, plan)
  if (due.length === 0) return
  if (tablesIn(db).length > 0) beforeChange?.()
  db.exec('BEGIN IMMEDIATE')
  try {
    // Another process may have migrated while this one waited for the lock.
    for (const { sql, ids } of stepsFor(db, path, plan)) {
      db.exec(sql)
      for (const id of ids) note(db, id, plan)
    }
    db.exec('COMMIT')
  } catch (thrown) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw thrown
  }
}

/** A statement text, and the migrations that are done when it was run. */
type Step = { sql: string; ids: string[] }

function stepsFor(db: DatabaseSync, path: string, { migrations, adopt }: MigrationPlan): Step[] {
  const tables = tablesIn(db)
  if (tables.length > 0 && !tables.includes('tenon_migration') && adopt !== undefined)
    return [{ sql: adopt(), ids: migrations.map(({ id }) => id) }]
  return pendingOf(appliedIn(db, path, tables), path, migrations).map(({ id, sql }) => ({ sql, ids: [id] }))
}

function note(db: DatabaseSync, id: string, { migrations, world }: MigrationPlan): void {
  const sql = migrations.find((migration) => migration.id === id)?.sql ?? ''
  db.exec(
    'CREATE TABLE IF NOT EXISTS tenon_migration (id TEXT PRIMARY KEY, digest TEXT NOT NULL, at TEXT NOT NULL) STRICT',
  )
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

const tablesIn = (db: DatabaseSync): string[] =>
  db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
    .all()
    .map(({ name }) => String(name))

function appliedIn(db: DatabaseSync, path: string, tables: readonly string[]): Map<string, string> {
  if (tables.length === 0) return new Map()
  if (!tables.includes('tenon_migration'))
    throw format(path, 'is a database that Tenon did not make', 'Move it away or choose another data folder.')
  const rows = db.prepare('SELECT id, digest FROM tenon_migration').all()
  return new Map(rows.map(({ id, digest }) => [String(id), String(digest)]))
}

const format = (path: string, what: string, hint: string): TenonError =>
  new TenonError('DATA_FOLDER_FORMAT', `${path} ${what}`, { hint, details: { path } })

export const digestOf = (sql: string): string => createHash('sha256').update(sql).digest('hex')
