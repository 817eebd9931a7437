import type { EventRecord, Json, JsonObject } from '@tenon/contract'
import type { Context, Kv } from './context.ts'
import type { AnyTypes, PluginTypes } from './types.ts'

/** A method signature, so that a function may name narrower types of its own: the host has checked the schema by then. */
type Answering<Input, Output, Types extends PluginTypes> = {
  answer(input: Input, context: Context<Types>): Output | Promise<Output>
}['answer']

/** A part that is needed where its names are known, may be left out where they are not, and is none where there are none. */
type Part<Key extends string, Names, Value> = [Names] extends [never]
  ? { [key in Key]?: never }
  : string extends Names
    ? { [key in Key]?: Value }
    : { [key in Key]: Value }

/** What answers with a list may give its parts one by one, as an async generator does. */
type InParts<Output> = Output extends readonly (infer Each)[] ? Output | AsyncIterable<Each> : Output

type Operations<Types extends PluginTypes> = {
  [Name in keyof Types['operations']]: {
    answer(
      input: Types['operations'][Name]['input'],
      context: Context<Types>,
    ): InParts<Types['operations'][Name]['output']> | Promise<Types['operations'][Name]['output']>
  }['answer']
}

type Services<Types extends PluginTypes> = {
  [Name in keyof Types['provides']]: Answering<
    Types['provides'][Name]['request'],
    Types['provides'][Name]['response'],
    Types
  >
}

type Hooks<Types extends PluginTypes> = {
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
  start?(context: Context<Types>): unknown
  /** Runs before the process is ended, for 2 s at most. */
  stop?(context: Context<Types>): unknown
  /**
   * Told its new configuration, and the one before, when that changes while it runs. A plugin that fails or takes longer than
   * 3 s is stopped, and starts with the new one; one without this hook finds it with `config.get`.
   */
  configChanged?(config: Types['settings'], before: Types['settings'], context: Context<Types>): unknown
  /** Throws when the plugin is not well; what takes longer than 5 s counts as that. */
  health?(context: Context<Types>): unknown
}

/** What the entry of a plugin with these types exports by default. Its functions may be asynchronous. */
export type PluginOf<Types extends PluginTypes> = Hooks<Types> & { operations: Operations<Types> } & Part<
    // Handlers by event type.
    'events',
    Types['handles'],
    { [Type in Types['handles']]: Answering<EventRecord, unknown, Types> }
  > &
  // What other plugins may ask for, by the names in `services.provides` of the spec.
  Part<'services', keyof Types['provides'], Services<Types>>

export type Plugin = PluginOf<AnyTypes>

/** With the types that `tenon plugin derive` writes, `definePlugin<Types>` holds a plugin to its own spec and schemas. */
export const definePlugin = <Types extends PluginTypes = AnyTypes>(plugin: PluginOf<Types>): PluginOf<Types> => plugin

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
