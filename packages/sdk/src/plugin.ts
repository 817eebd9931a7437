import type { EventRecord, Json, JsonObject } from '@tenon/contract'
import type { Context, Kv } from './context.ts'

/** A method signature, so that an operation may name its own input type: the host has checked the schema by then. */
type Answering<Input> = { answer(input: Input, context: Context): unknown }['answer']

/** What a plugin's entry exports by default. Operations and handlers may be asynchronous. */
export type Plugin = {
  operations: { [name: string]: Answering<Json> }
  /** Handlers by event type. */
  events?: { [type: string]: Answering<EventRecord> }
  /** What other plugins may ask for, by the names in `services.provides` of the spec. */
  services?: { [name: string]: Answering<Json> }
  /**
   * Steps that bring what the plugin stored to the next version, up to `storage.schemaVersion` of its spec. They run before the
   * first start of a version that needs them, for 2 min each at most; when one fails, nothing is changed.
   */
  migrations?: readonly { to: number; up(kv: Kv): unknown }[]
  /**
   * The same for settings, up to `settingsVersion`: `up` gets what is set, in one environment or in all, and answers it in the
   * new form.
   */
  settingsMigrations?: readonly { to: number; up(values: JsonObject): JsonObject | Promise<JsonObject> }[]
  /** Runs before anything else is asked, for 20 s at most. What fails or is late twice is quarantined. */
  start?(context: Context): unknown
  /** Runs before the process is ended, for 2 s at most. */
  stop?(context: Context): unknown
  /**
   * Told its new configuration, and the one before, when that changes while it runs. A plugin that fails or takes longer than
   * 3 s is stopped, and starts with the new one; one without this hook finds it with `config.get`.
   */
  configChanged?(config: Json, before: Json, context: Context): unknown
  /** Throws when the plugin is not well; what takes longer than 5 s counts as that. */
  health?(context: Context): unknown
}

export const definePlugin = <Given extends Plugin>(plugin: Given): Given => plugin

/** A failure that the caller is meant to see; `code` is the plugin's own. */
export class PluginError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly details: { [name: string]: Json }

  constructor(code: string, message: string, options: { hint?: string; details?: { [name: string]: Json } } = {}) {
    super(message)
    this.name = 'PluginError'
    this.code = code
    this.hint = options.hint
    this.details = options.details ?? {}
  }
}
