import { expect, onTestFinished } from 'vitest'
import type { World } from '@tenon/contract'
import type { KeyValue, MasterKeys, Storage } from '@tenon/storage'
import { simulatedWorld } from '../world.ts'

/** Something that storage is kept in. */
export type StorageMeans = {
  /** Whether several processes may have a place open. */
  isShared: boolean
  /** A new place, in which nothing is stored. */
  place(): Promise<string>
  open(place: string, world: World, masterKeys: MasterKeys): Promise<Storage>
  /** Changes what is stored behind everybody's back. */
  tamper(place: string, sql: string): Promise<void>
  /** Everything that lies there, as text. */
  dump(place: string): Promise<string>
}

/** Tests by what they are about. */
export type Claims = Record<string, (means: StorageMeans) => void>

export type Opened = {
  place: string
  storage: Storage
  world: ReturnType<typeof simulatedWorld>
  notes: KeyValue
  end(): Promise<void>
}

export const QUOTA_BYTES = 10_000
export const MASTER_KEY = new Uint8Array(32).fill(7)
export const only = (current: Uint8Array): MasterKeys => ({ current, former: [] })

/** A storage that ends with the test, if not before. */
export async function opened(
  means: StorageMeans,
  {
    place,
    masterKeys = only(MASTER_KEY),
    env = {},
  }: { place?: string; masterKeys?: MasterKeys; env?: World['env'] } = {},
): Promise<Opened> {
  const world = simulatedWorld(1, { env })
  const at = place ?? (await means.place())
  const storage = await means.open(at, world, masterKeys)
  let isOpen = true
  const end = async (): Promise<void> => {
    if (isOpen) await storage.close()
    isOpen = false
  }
  onTestFinished(end)
  return { place: at, storage, world, end, notes: storage.kv('notes', { quotaBytes: QUOTA_BYTES }) }
}

/** The storage as another process has it, where several may; else itself. */
export const beside = async (means: StorageMeans, place: string, storage: Storage): Promise<Storage> =>
  means.isShared ? (await opened(means, { place })).storage : storage

/** What a TenonError of this code is like. */
export const refusal = (code: string, more: object = {}): Error => expect.objectContaining({ code, ...more })
