import { createWriteStream, mkdirSync, rmSync } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Audit, World } from '@tenon/contract'
import { recordingFailure, type By } from '@tenon/host'
import type { DamagedRow, Storage } from '@tenon/storage'
import { dropFormerKeys, rotateKey } from './key-rotation.ts'
import type { Locations } from './locations.ts'
import type { MasterKeyPlace } from './master-key-place.ts'

export type StorageCarePorts = {
  storage: Storage
  masterKey: MasterKeyPlace
  locations: Locations
  audit: Audit
  world: World
}

export type Backup = { bytes: Readable; size: number }

/** What an operator does with all that plugins keep. Each is in the ledger before it is done. */
export type StorageCare = {
  damaged(): Promise<DamagedRow[]>
  backup(by: By): Promise<Backup>
  restore(bytes: AsyncIterable<Uint8Array>, by: By): Promise<void>
  /** Whether a key was made; else one lay ready. */
  rotateKey(by: By): Promise<boolean>
  /** How many keys there were to forget. */
  dropFormerKeys(by: By): Promise<number>
}

export function storageCare({ storage, masterKey, locations, audit, world }: StorageCarePorts): StorageCare {
  const folder = join(locations.host, 'transfers')
  // What a kill left there is of no use to anybody.
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { mode: 0o700 })
  const rotation = { storage, place: masterKey, home: locations.home, world }
  const recorded = <T>(action: string, by: By, work: (path: string) => Promise<T>): Promise<T> => {
    const attempt = { ...by, action: `storage.${action}`, target: 'host' }
    return recordingFailure(
      audit,
      () => attempt,
      async () => {
        await audit.record({ ...attempt, decision: 'allow', reason: 'an administrator asked for it' })
        const path = join(folder, world.newId())
        return await work(path).finally(() => rmSync(path, { force: true }))
      },
    )
  }
  return {
    damaged: () => storage.damaged(),
    backup: (by) =>
      recorded('backup', by, async (path) => {
        await storage.backup(path)
        return streamOf(await open(path))
      }),
    restore: (bytes, by) =>
      recorded('restore', by, async (path) => {
        await pipeline(bytes, createWriteStream(path, { mode: 0o600 }))
        await storage.restore(path)
      }),
    rotateKey: (by) => recorded('rotate-key', by, () => rotateKey(rotation)),
    dropFormerKeys: (by) => recorded('drop-former-keys', by, () => dropFormerKeys(rotation)),
  }
}

/** The file may lose its name meanwhile: it is gone when it was read. */
async function streamOf(file: FileHandle): Promise<Backup> {
  const { size } = await file.stat()
  return { bytes: file.createReadStream(), size }
}
