import type { EventRecord, Json, JsonObject } from '@tenon/contract'
import type { Context, FetchAnswer, FetchRequest, Fields, KvOfAll, LogLevel } from './context.ts'
import { copied } from './json-copy.ts'
import { denied, own } from './given.ts'
import { PluginError, type Plugin, type PluginOf } from './plugin.ts'
import type { AnyTypes, PluginTypes } from './types.ts'
import { simulatedClock } from './simulated-clock.ts'
import { simulatedKeysOfOthers, type SimulatedKeys } from './simulated-keys-of-others.ts'
import { simulatedKv } from './simulated-kv.ts'
import { collected, partsOf } from './simulated-parts.ts'
import { migrateKeys, migrateValues, type Versions } from './simulated-migrations.ts'
import { simulatedServices, type SimulatedService } from './simulated-services.ts'
import { simulatedLife, type PluginStatus, type Reception } from './simulated-life.ts'

/** What a plugin finds around it in a test. What is not given is refused or empty, as in a host that granted nothing. */
export type Surroundings = {
  config?: JsonObject
  kv?: Record<string, Json>
  /** What other plugins keep, by plugin. */
  kvOf?: Record<string, SimulatedKeys>
  secrets?: Record<string, string>
  /** Operations of other plugins, by `plugin/operation`. */
  calls?: Record<string, (input: Json) => Json | Promise<Json> | AsyncIterable<Json>>
  /** Services of other plugins, by `plugin/service`. */
  services?: Record<string, SimulatedService>
  fetch?: (request: FetchRequest) => FetchAnswer | Promise<FetchAnswer>
}

export type PublishedEvent = { type: string; payload: Json; key?: string }

export type PluginUnderTest = {
  call: (operation: string, input: Json, options?: { signal?: AbortSignal }) => Promise<Json>
  /** The same, with the parts of the answer as they come. */
  stream: (operation: string, input: Json, options?: { signal?: AbortSignal }) => AsyncGenerator<Json, void, undefined>
  /** Asks a service that the plugin provides. */
  serve: (service: string, request: Json) => Promise<Json>
  /** Hands an event to its handler. */
  deliver: (event: Pick<EventRecord, 'type'> & Partial<EventRecord>) => Promise<void>
  /** What a host does when the plugin is enabled and needed: a call does it, too. What fails twice is quarantined. */
  start: () => Promise<void>
  stop: () => Promise<void>
  health: () => Promise<void>
  status: () => PluginStatus
  /** Brings the keys from one version to another, by the plugin's migrations; all of them or none. */
  migrate: (versions: Versions) => Promise<void>
  /** The same for the configuration. */
  migrateSettings: (versions: Versions) => Promise<void>
  /** Gives it another configuration, as an operator would, and says what came of that. */
  configure: (config: JsonObject) => Promise<Reception>
  /** Moves the clock, by which keys expire and hooks are late. It stands still otherwise. */
  advance: (ms: number) => void
  /** What the plugin did, in order; `kv` is live. */
  kv: Map<string, Json>
  /** The keys of the other plugins that the test gives, as they are now. */
  kvOf: Record<string, Map<string, Json>>
  published: PublishedEvent[]
  logged: { level: LogLevel; message: string; fields: Fields }[]
  audited: { action: string; target: string; details: Fields }[]
  progressed: { fraction: number; message?: string }[]
}

/** Runs a plugin in this process with a simulated host around it. Values are copied, as they are between processes. */
export function testPlugin<Types extends PluginTypes = AnyTypes>(
  given: PluginOf<Types>,
  surroundings: Surroundings = {},
): PluginUnderTest {
  // What a plugin takes is JSON to its host, whatever its schemas say.
  const plugin = given as unknown as Plugin
  const seen = {
    kv: new Map(Object.entries(copied(surroundings.kv ?? {}))),
    published: [] as PublishedEvent[],
    logged: [] as PluginUnderTest['logged'],
    audited: [] as PluginUnderTest['audited'],
    progressed: [] as PluginUnderTest['progressed'],
  }
  const clock = simulatedClock()
  const kv = simulatedKv(seen.kv, clock)
  const others = simulatedKeysOfOthers(surroundings.kvOf ?? {}, clock)
  let config = copied(surroundings.config ?? {})
  const services = simulatedServices(surroundings.services ?? {}, clock)
  const live = { ...seen, kv: { ...kv, of: others.of }, services, config: () => config }
  const contextWith = (signal: AbortSignal) => contextOver(live, surroundings, signal)
  const context = contextWith(new AbortController().signal)
  const { ready, tell, ...life } = simulatedLife(plugin, context, clock)
  const performed = async (name: string, input: Json, { signal }: { signal?: AbortSignal } = {}): Promise<unknown> => {
    await ready()
    const operation = own(plugin.operations, name)
    if (operation === undefined) throw new PluginError('OPERATION_UNKNOWN', `there is no operation "${name}"`)
    return operation(copied(input), signal === undefined ? context : contextWith(signal))
  }
  return {
    ...seen,
    ...life,
    kvOf: others.kept,
    advance: clock.advance,
    migrate: (versions) => migrateKeys(plugin, { kept: seen.kv, kv }, versions, clock),
    migrateSettings: async (versions) => {
      config = await migrateValues(plugin, config, versions, clock)
    },
    configure: (next) => {
      const before = config
      config = copied(next)
      return tell(config, before)
    },
    call: async (name, input, options) => copied(await collected(await performed(name, input, options))),
    stream: async function* (name, input, options) {
      yield* partsOf(await performed(name, input, options))
    },
    serve: async (name, request) => {
      await ready()
      const service = own(plugin.services ?? {}, name)
      if (service === undefined) throw new PluginError('SERVICE_UNKNOWN', `there is no service "${name}"`)
      return copied(((await service(copied(request), context)) ?? null) as Json)
    },
    deliver: async (event) => {
      await ready()
      const handler = own(plugin.events ?? {}, event.type)
      if (handler === undefined) throw new PluginError('EVENT_INVALID', `there is no handler for "${event.type}"`)
      await handler(wholeEvent(event), context)
    },
  }
}

type Seen = Pick<PluginUnderTest, 'published' | 'logged' | 'audited' | 'progressed'> & {
  kv: KvOfAll
  services: Context['services']['call']
  config: () => JsonObject
}

function contextOver(seen: Seen, { secrets, calls, fetch }: Surroundings, signal: AbortSignal): Context {
  const given = { secrets: secrets ?? {}, calls: calls ?? {} }
  return {
    signal,
    traceId: 'test',
    kv: seen.kv,
    events: {
      publish: async (type, payload, options = {}) =>
        void seen.published.push({ type, payload: copied(payload), ...options }),
    },
    call: async (plugin, operation, input) => {
      const target = own(given.calls, `${plugin}/${operation}`)
      if (target === undefined) return denied(`operator:call:${plugin}/${operation}`)
      return copied(await collected(await target(copied(input))))
    },
    stream: async function* (plugin, operation, input) {
      const target = own(given.calls, `${plugin}/${operation}`)
      yield* partsOf(
        await (target === undefined ? denied(`operator:call:${plugin}/${operation}`) : target(copied(input))),
      )
    },
    services: { call: seen.services },
    fetch: async (request) =>
      fetch === undefined ? denied(`net:connect to ${request.url}`) : copied(await fetch(copied(request))),
    log: async (level, message, fields = {}) => void seen.logged.push({ level, message, fields: copied(fields) }),
    audit: async (action, target, details = {}) => void seen.audited.push({ action, target, details: copied(details) }),
    config: { get: async () => copied(seen.config()) },
    secrets: { get: async (name) => own(given.secrets, name) },
    progress: async (fraction, message) =>
      void seen.progressed.push(message === undefined ? { fraction } : { fraction, message }),
  }
}

const wholeEvent = (event: Pick<EventRecord, 'type'> & Partial<EventRecord>): EventRecord => ({
  id: '00000000000000000000000000',
  version: 1,
  source: 'test',
  at: '1970-01-01T00:00:00.000Z',
  traceId: 'test',
  dataTraits: [],
  payload: null,
  metadata: {},
  ...event,
})
