import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once, type Json, type World } from '@tenon/contract'
import { copyDatabaseNow } from '@tenon/database'
import {
  declaredStorage,
  kvCalls,
  mapRuntime,
  migratePlugin,
  openDedicatedStore,
  openMapStore,
  tableCalls,
  type LoadablePlugin,
  type StoreCall,
} from '@tenon/map'
import type { Handlers } from '@tenon/sandbox'

/** What plugins keep in the database of a map, as long as this is not disposed of. */
export type PluginStores = Disposable & {
  /** Whether any plugin keeps something. */
  readonly areOpen: boolean
  /** Opens what a plugin declares, its tables made first. Throws MIGRATION_FAILED when they cannot be. */
  open(plugin: LoadablePlugin): StoreCall | undefined
}

/** Opens stores at their first need; where nothing is to be kept, in a copy of the database that is thrown away. */
export function pluginStores(world: World, db: string, keeps: boolean): PluginStores {
  const closing = new DisposableStack()
  let path: string | undefined
  const place = (): string => (path ??= keeps ? db : scratchOf(db, closing))
  const kvs = once(() => closing.adopt(openMapStore(place(), world), (store) => store.close()))
  return {
    get areOpen() {
      return path !== undefined
    },
    open: ({ id, description, files }) => {
      const storage = declaredStorage(id, mapRuntime(description).mapStorage, files)
      if (storage === undefined) return undefined
      const map = kvs()
      if (storage.mode === 'kv') return kvCalls(map.kv(id, storage.schema))
      migratePlugin(place(), world, storage)
      return tableCalls(closing.adopt(openDedicatedStore(place(), storage), (store) => store.close()))
    },
    [Symbol.dispose]: () => closing.dispose(),
  }
}

/** What the process of a plugin may ask for: what it keeps itself, and nothing else. */
export const storeHandlers = (store: StoreCall | undefined): Handlers =>
  store === undefined
    ? {}
    : {
        'services.call': async (params) => {
          const { request } = Object(params) as { request?: unknown }
          const { method, args } = Object(request) as { method?: unknown; args?: unknown }
          return (await store(String(method), args as unknown[])) as Json
        },
      }

function scratchOf(db: string, closing: DisposableStack): string {
  const folder = closing.adopt(mkdtempSync(join(tmpdir(), 'tenon-map-')), (path) => rmSync(path, { recursive: true }))
  const scratch = join(folder, 'map.db')
  if (existsSync(db)) copyDatabaseNow(db, scratch)
  return scratch
}
