import { join } from 'node:path'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { openStorage, storageMigrations, type Storage } from '@tenon/storage'

export const MASTER_KEY = new Uint8Array(32).fill(7)

/** A storage in a folder, which is to be ended by `end`. */
export async function openedStorage(
  folder: string,
  world: World,
  masterKey: Uint8Array = MASTER_KEY,
  formerMasterKeys: readonly Uint8Array[] = [],
): Promise<Storage & { path: string; end: () => Promise<void> }> {
  const path = join(folder, 'storage.db')
  const writer = await openGroupWriter(path, { migrations: storageMigrations, world })
  const storage = openStorage({ writer, world, masterKeys: { current: masterKey, former: formerMasterKeys } })
  let isOpen = true
  return {
    ...storage,
    path,
    async end() {
      if (!isOpen) return
      isOpen = false
      storage.close()
      await writer.close()
    },
  }
}
