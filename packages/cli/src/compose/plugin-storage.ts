import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { openStorage, storageMigrations, type Storage } from '@tenon/storage'
import type { Locations } from './locations.ts'
import { masterKeyPlace, masterKeysIn } from './master-key.ts'
import type { MasterKeyPlace } from './master-key-place.ts'

export type PluginStorage = { storage: Storage; masterKey: MasterKeyPlace; close(): Promise<void> }

/** What the plugins of a host keep, opened with the master keys of its home. */
export async function openPluginStorage({ home, host }: Locations, world: World): Promise<PluginStorage> {
  await using opened = new AsyncDisposableStack()
  const masterKey = masterKeyPlace(home, world)
  const masterKeys = await masterKeysIn(masterKey)
  const writer = await openGroupWriter(join(host, 'storage.db'), { migrations: storageMigrations, world })
  opened.defer(() => writer.close())
  const storage = opened.adopt(openStorage({ writer, world, masterKeys }), (one) => one.close())
  const closing = opened.move()
  return { storage, masterKey, close: () => closing.disposeAsync() }
}
