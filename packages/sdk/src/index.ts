export { definePlugin, PluginError, type Plugin, type PluginOf } from './plugin.ts'
export type { AnyTypes, PluginTypes } from './types.ts'
export type { KvTransaction } from '@tenon/contract'
export type { Context, FetchAnswer, FetchRequest, Fields, Kv, KvOfAll, LogLevel } from './context.ts'
