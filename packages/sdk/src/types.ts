import type { Json } from '@tenon/contract'

/** What a plugin's spec and schemas say of it. `tenon plugin derive` writes it into `plugin-types.ts` beside the entry. */
export type PluginTypes = {
  operations: { [name: string]: { input: unknown; output: unknown } }
  settings: unknown
  /** Payloads of the events that it publishes, by type. */
  emits: { [type: string]: unknown }
  /** The types of the events that it handles. */
  handles: string
  provides: { [name: string]: { request: unknown; response: unknown } }
  /** The services that it asks, as `<plugin>/<service>`. */
  consumes: string
  /** The plugins whose keys it asks for, and what for; none without it. */
  keysOf?: { [plugin: string]: KeyAccess }
}

/** By `storage:kv:read:<plugin>` and `storage:kv:write:<plugin>`. */
export type KeyAccess = 'read' | 'write'

/** A plugin of which nothing is known. */
export type AnyTypes = {
  operations: { [name: string]: { input: Json; output: unknown } }
  settings: Json
  emits: { [type: string]: Json }
  handles: string
  provides: { [name: string]: { request: Json; response: unknown } }
  consumes: string
  keysOf: { [plugin: string]: KeyAccess }
}
