import { limits, TenonError, type Capability, type Description, type Json, type JsonObject } from '@tenon/contract'
import type { Handlers } from '@tenon/sandbox'
import type { Storage } from '@tenon/storage'
import type { Authority } from './authority.ts'
import type { InstalledPlugin } from './records.ts'

/** What a plugin reaches of the host, as functions that take its description. */
export type ScopePorts = {
  authority: Authority
  storage: Storage
  publish(
    plugin: Description,
    event: { type: string; payload: Json; key: string | undefined },
    traceId: string,
  ): Promise<void>
  call(
    plugin: Description,
    target: string,
    operation: string,
    input: Json,
    traceId: string,
    signal: AbortSignal,
  ): Promise<Json>
  fetch(plugin: Description, request: JsonObject, traceId: string, signal: AbortSignal): Promise<Json>
  log(plugin: string, level: string, message: string): void
  note(
    plugin: Description,
    entry: { action: string; target: string; details: JsonObject },
    traceId: string,
  ): Promise<void>
  newTraceId(): string
}

/**
 * Everything that a contained plugin can see of the world, built in this one place. What is not in here does not exist
 * for it; what is in here asks `authority` first.
 */
export function openScope({ description }: InstalledPlugin, ports: ScopePorts): Handlers {
  const { id } = description
  const kv = ports.storage.kv(id, { quotaBytes: (description.storage?.quotaMb ?? limits.kvQuotaMbDefault) * 1_048_576 })
  const secrets = ports.storage.secrets(id)
  const config = ports.storage.config(id, description.settings ?? {})
  const needing =
    (capability: Capability, work: (params: JsonObject) => Promise<Json>) =>
    async (params: Json, context: { traceId: string | undefined }) => {
      const traceId = context.traceId ?? ports.newTraceId()
      if (!ports.authority.isAllowed(description, capability))
        await ports.authority.demand({ plugin: description, capability, action: 'capability.use', target: id, traceId })
      return work(objectOf(params))
    }
  const own: Capability = { action: 'storage:kv' }
  return {
    'kv.get': needing(own, async (params) => valueOf(await kv.get(text(params, 'key')))),
    'kv.set': needing(own, async (params) => settled(kv.set(text(params, 'key'), params['value'] ?? null))),
    'kv.delete': needing(own, async (params) => settled(kv.delete(text(params, 'key')))),
    'kv.list': needing(own, async (params) => ({ keys: await kv.list(listRange(params)) })),
    'secrets.get': needing({ action: 'storage:secrets' }, async (params) =>
      valueOf(await secrets.get(text(params, 'name'))),
    ),
    'config.get': async () => config.forPlugin(),
    'events.publish': async (params, { traceId = ports.newTraceId() }) => {
      const event = objectOf(params)
      await ports.publish(
        description,
        { type: text(event, 'type'), payload: event['payload'] ?? null, key: optionalText(event, 'key') },
        traceId,
      )
      return null
    },
    call: async (params, { signal, traceId = ports.newTraceId() }) => {
      const { input = null, ...names } = objectOf(params)
      return ports.call(description, text(names, 'plugin'), text(names, 'operation'), input, traceId, signal)
    },
    fetch: (params, { signal, traceId = ports.newTraceId() }) =>
      ports.fetch(description, objectOf(params), traceId, signal),
    log: async (params) => {
      const line = objectOf(params)
      ports.log(id, text(line, 'level'), text(line, 'message'))
      return null
    },
    audit: async (params, { traceId = ports.newTraceId() }) => {
      const entry = objectOf(params)
      await ports.note(
        description,
        { action: text(entry, 'action'), target: text(entry, 'target'), details: objectOf(entry['details'] ?? {}) },
        traceId,
      )
      return null
    },
    progress: async () => null,
  }
}

async function settled(work: Promise<unknown>): Promise<null> {
  await work
  return null
}

const valueOf = (value: Json | undefined): JsonObject => (value === undefined ? {} : { value })

function objectOf(params: Json): JsonObject {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params
  throw new TenonError('PROTOCOL_VIOLATION', 'the parameters must be an object')
}

function text(params: JsonObject, key: string): string {
  const value = params[key]
  if (typeof value === 'string') return value
  throw new TenonError('PROTOCOL_VIOLATION', `the parameter "${key}" must be text`)
}

const optionalText = (params: JsonObject, key: string): string | undefined =>
  params[key] === undefined ? undefined : text(params, key)

const listRange = (params: JsonObject): { prefix?: string; limit?: number; after?: string } => ({
  ...(typeof params['prefix'] === 'string' ? { prefix: params['prefix'] } : {}),
  ...(typeof params['limit'] === 'number' ? { limit: params['limit'] } : {}),
  ...(typeof params['after'] === 'string' ? { after: params['after'] } : {}),
})
