import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { folderBlobStore, nodeDisk } from '@tenon/bundle'
import type { Audit, World } from '@tenon/contract'
import type { Face } from '@tenon/http'
import { createPublisherToken, registryFace, sqliteStore, type Publisher } from '@tenon/registry'

export type RegistryProcess = {
  face: Face<Publisher>
  /** A token for a publisher, told once. */
  newToken(publisher: string): Promise<string>
  close(): Promise<void>
}

/** Wires a registry over a folder. */
export function openRegistryProcess(folder: string, audit: Audit, world: World): RegistryProcess {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const store = sqliteStore(join(folder, 'registry.db'), world)
  const blobs = folderBlobStore(nodeDisk, join(folder, 'blobs'), world)
  return {
    face: registryFace({ store, blobs, audit, world }),
    newToken: (publisher) => createPublisherToken(store, world, publisher),
    close: () => store.close(),
  }
}
