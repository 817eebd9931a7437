import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { folderBlobStore, nodeDisk } from '@tenon/bundle'
import type { Audit, World } from '@tenon/contract'
import type { Face } from '@tenon/http'
import {
  isOperatorToken,
  registryFace,
  sqliteStore,
  type IsOperator,
  type RegistryPrincipal,
  type RegistryStore,
} from '@tenon/registry'
import { mustBeCertified } from './must-be-certified.ts'

export type RegistryProcess = { store: RegistryStore; face: Face<RegistryPrincipal>; close(): Promise<void> }

export type RegistryOptions = {
  folder: string
  audit: Audit
  world: World
  /** Whose token lets publishers in; by default the one that the registry made itself. */
  isOperator?: IsOperator
}

/** Wires a registry over a folder. */
export function openRegistryProcess({ folder, audit, world, isOperator }: RegistryOptions): RegistryProcess {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const store = sqliteStore(join(folder, 'registry.db'), world)
  const blobs = folderBlobStore(nodeDisk, join(folder, 'blobs'), world)
  const own: IsOperator = (token) => isOperatorToken(store, token)
  const ports = { store, blobs, audit, world, mustBeCertified: mustBeCertified(world) }
  return {
    store,
    face: registryFace({ ...ports, isOperator: isOperator ?? own }),
    close: () => store.close(),
  }
}
