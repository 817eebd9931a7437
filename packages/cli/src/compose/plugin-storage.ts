import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { openStorage, sqliteRows, storageMigrations, type RowStore, type Storage } from '@tenon/storage'
import { isProject, type Locations } from './locations.ts'
import { masterKeyPlace, masterKeysIn } from './master-key.ts'
import type { MasterKeyPlace } from './master-key-place.ts'

export type PluginStorage = { storage: Storage; masterKey: MasterKeyPlace; close(): Promise<void> }

/** What the plugins of a host keep, opened with the master keys of its home. */
export async function openPluginStorage(locations: Locations, world: World): Promise<PluginStorage> {
  await using opened = new AsyncDisposableStack()
  const masterKey = masterKeyPlace(locations.home, world)
  const masterKeys = await masterKeysIn(masterKey)
  const store = await openStore(locations, world, opened)
  const storage = opened.adopt(openStorage({ store, world, masterKeys }), (one) => one.close())
  const closing = opened.move()
  return { storage, masterKey, close: () => closing.disposeAsync() }
}

/** In PostgreSQL when that is given, but for a project: what it keeps stays in its folder. */
async function openStore(locations: Locations, world: World, opened: AsyncDisposableStack): Promise<RowStore> {
  const url = isProject(locations) ? undefined : world.env['TENON_DATABASE_URL']
  if (url !== undefined) {
    // Its client takes longer to load than all the rest, and most hosts never need it.
    const { openPostgresStore } = await import('./postgres-store.ts')
    return openPostgresStore(url, world)
  }
  const path = join(locations.host, 'storage.db')
  const writer = await openGroupWriter(path, { migrations: storageMigrations, world })
  opened.defer(() => writer.close())
  return sqliteRows(writer)
}
