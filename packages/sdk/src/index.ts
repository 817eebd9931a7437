export { definePlugin, PluginError, type Plugin } from './plugin.ts'
export type { KvTransaction } from '@tenon/contract'
export type { Context, FetchAnswer, FetchRequest, Fields, Kv, LogLevel } from './context.ts'
