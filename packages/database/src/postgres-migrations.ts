import { sql, type Kysely } from 'kysely'
import type { World } from '@tenon/contract'
import { digestOf, pendingOf, type Migration } from './migrations.ts'

/** Any number, as long as nobody else's is the same. */
const MIGRATION_LOCK = 7_420_001

/** Applies what is missing, all of it or nothing, one process at a time. What another version made is refused untouched. */
export async function migratePostgres<Tables>(
  db: Kysely<Tables>,
  name: string,
  migrations: readonly Migration[],
  world: World,
): Promise<void> {
  await db.transaction().execute(async (rows) => {
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(rows)
    // Where it is there already, nobody has to be allowed to make it.
    const { rows: found } = await sql`SELECT 1 WHERE to_regnamespace('tenon') IS NOT NULL`.execute(rows)
    if (found.length === 0) await sql`CREATE SCHEMA tenon`.execute(rows)
    await sql`CREATE TABLE IF NOT EXISTS tenon_migration (id text PRIMARY KEY, digest text NOT NULL, at text NOT NULL)`.execute(
      rows,
    )
    const applied = await sql<{ id: string; digest: string }>`SELECT id, digest FROM tenon_migration`.execute(rows)
    const known = new Map(applied.rows.map(({ id, digest }) => [id, digest]))
    for (const { id, sql: text } of pendingOf(known, name, migrations)) {
      await sql.raw(text).execute(rows)
      const at = new Date(world.now()).toISOString()
      await sql`INSERT INTO tenon_migration VALUES (${id}, ${digestOf(text)}, ${at})`.execute(rows)
    }
  })
}
