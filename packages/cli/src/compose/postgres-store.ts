import type { World } from '@tenon/contract'
import { openPostgres } from '@tenon/database/postgres'
import type { RowStore } from '@tenon/storage'
import { postgresMigrations, postgresRows, type RowTables } from '@tenon/storage/postgres'

/** What plugins keep, in the database at a URL. */
export async function openPostgresStore(url: string, world: World): Promise<RowStore> {
  return postgresRows(await openPostgres<RowTables>(url, { migrations: postgresMigrations, world }), world)
}
