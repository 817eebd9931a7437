import type { Json, KvTransaction } from '@tenon/contract'
import type { AnyTypes, KeyAccess, PluginTypes } from './types.ts'

/** The keys and values of one plugin. */
export type Kv = {
  get: (key: string) => Promise<Json | undefined>
  /** With `ttlMs` the key is there for so many milliseconds only. */
  set: (key: string, value: Json, lifetime?: { ttlMs?: number }) => Promise<void>
  delete: (key: string) => Promise<void>
  /** Keys in order, a page at a time; `after` is the last key of the page before. */
  list: (prefix?: string, page?: { limit?: number; after?: string }) => Promise<string[]>
  /**
   * Sets the key when it holds `expected` (undefined: is absent) and says whether it did; undefined as `next` deletes it.
   */
  compareAndSet: (key: string, expected: Json | undefined, next: Json | undefined) => Promise<boolean>
  /** Makes all changes in order, or none, and says whether every condition held. */
  transaction: (transaction: KvTransaction) => Promise<boolean>
}

/** What can be done with keys that may be read, and with those that may be written. */
type Readable = Pick<Kv, 'get' | 'list'>
type KvFor<Access extends KeyAccess> = ('read' extends Access ? Readable : object) &
  ('write' extends Access ? Omit<Kv, keyof Readable> : object)

type KeysOf<Types extends PluginTypes> = NonNullable<Types['keysOf']>

/** The plugin's own keys and values, and the way to those of others. */
export type KvOfAll<Types extends PluginTypes = AnyTypes> = Kv & {
  /**
   * The keys of another plugin that is installed. `get` and `list` need `storage:kv:read:<plugin>`, everything else needs
   * `storage:kv:write:<plugin>`, and tells whether its conditions held. Quota and schema are those of the other plugin.
   */
  of: <Plugin extends keyof KeysOf<Types> & string>(plugin: Plugin) => KvFor<KeysOf<Types>[Plugin]>
}

export type FetchRequest = { url: string; method?: string; headers?: Record<string, string>; body?: string }
export type FetchAnswer = { status: number; headers: Record<string, string>; body: string }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type Fields = { [name: string]: Json }

/**
 * All that plugin code can do beyond computing. Each function asks the host, which refuses what was not granted. `Types` are
 * those that are derived from the plugin's own schemas.
 */
export type Context<Types extends PluginTypes = AnyTypes> = {
  kv: KvOfAll<Types>
  events: {
    publish: <Type extends keyof Types['emits'] & string>(
      type: Type,
      payload: Types['emits'][Type],
      options?: { key?: string },
    ) => Promise<void>
  }
  /** Calls an operation of another plugin. */
  call: (plugin: string, operation: string, input: Json) => Promise<Json>
  /** The same, with the parts of the answer as they come; who takes no more of them gives the call up. */
  stream: (plugin: string, operation: string, input: Json) => AsyncGenerator<Json, void, undefined>
  /** Asks a service of another plugin, named `<plugin>/<service>`. */
  services: { call: (service: Types['consumes'], request: Json) => Promise<Json> }
  fetch: (request: FetchRequest) => Promise<FetchAnswer>
  log: (level: LogLevel, message: string, fields?: Fields) => Promise<void>
  audit: (action: string, target: string, details?: Fields) => Promise<void>
  /** The plugin's settings. */
  config: { get: () => Promise<Types['settings']> }
  secrets: { get: (name: string) => Promise<string | undefined> }
  /** How far a long operation is, from 0 to 1, which its host logs. */
  progress: (fraction: number, message?: string) => Promise<void>
  /** Aborted when the caller gave up or its deadline passed. */
  signal: AbortSignal
  traceId: string
}
