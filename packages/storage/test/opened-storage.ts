import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { openPostgres } from '@tenon/database/postgres'
import { openStorage, sqliteRows, storageMigrations, type MasterKeys, type Storage } from '@tenon/storage'
import { postgresMigrations, postgresRows, type RowTables } from '@tenon/storage/postgres'

export const MASTER_KEY = new Uint8Array(32).fill(7)

/** A storage in a SQLite file of a folder. */
export async function openedInSqlite(folder: string, world: World, masterKeys: MasterKeys): Promise<Storage> {
  const writer = await openGroupWriter(join(folder, 'storage.db'), { migrations: storageMigrations, world })
  const storage = openStorage({ store: sqliteRows(writer), world, masterKeys })
  const close = async (): Promise<void> => {
    await storage.close()
    await writer.close()
  }
  return { ...storage, close }
}

/** A storage in the PostgreSQL database at a URL. */
export async function openedInPostgres(url: string, world: World, masterKeys: MasterKeys): Promise<Storage> {
  const database = await openPostgres<RowTables>(url, { migrations: postgresMigrations, world })
  return openStorage({ store: postgresRows(database, world), world, masterKeys })
}

/** The storage at a URL or in a folder. */
export const openedAt = (place: string, world: World): Promise<Storage> =>
  (place.startsWith('postgres:') ? openedInPostgres : openedInSqlite)(place, world, only(MASTER_KEY))

const only = (current: Uint8Array): MasterKeys => ({ current, former: [] })

/** As `openedInSqlite`, to be ended by `end`, once or more often. */
export async function openedStorage(
  folder: string,
  world: World,
  masterKey: Uint8Array = MASTER_KEY,
  former: readonly Uint8Array[] = [],
): Promise<Storage & { path: string; end: () => Promise<void> }> {
  const storage = await openedInSqlite(folder, world, { current: masterKey, former })
  let isOpen = true
  const end = async (): Promise<void> => {
    if (isOpen) await storage.close()
    isOpen = false
  }
  return { ...storage, path: join(folder, 'storage.db'), end }
}
