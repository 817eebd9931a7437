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
}

/** A plugin of which nothing is known. */
export type AnyTypes = {
  operations: { [name: string]: { input: Json; output: unknown } }
  settings: Json
  emits: { [type: string]: Json }
  handles: string
  provides: { [name: string]: { request: Json; response: unknown } }
  consumes: string
}
