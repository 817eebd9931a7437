import {
  isEventType,
  limits,
  TenonError,
  type Audit,
  type Description,
  type EventBus,
  type EventRecord,
  type EventSubscription,
  type Json,
  type World,
} from '@tenon/contract'
import type { Authority } from './authority.ts'
import { knownPlugin } from './lifecycle.ts'
import { addressOf } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import type { Running } from './running.ts'
import type { Tokens } from './tokens.ts'
import type { Upstream } from './upstream.ts'

export type Publication = {
  type: string
  payload: Json
  key: string | undefined
  dataTraits: readonly string[]
  metadata: Record<string, string>
  traceId: string
}

export type Messaging = {
  /** Publishes in a plugin's name what it may; settles when the event is on disk. */
  publish(plugin: Description, publication: Publication): Promise<EventRecord>
  /** Delivers events of these types to an endpoint that the plugin declares. */
  subscribe(plugin: Description, types: readonly string[], endpoint: string, traceId: string): Promise<void>
  /** Connects a contained plugin to the events that its spec handles. */
  join(record: PluginRecord): Promise<void>
  leave(id: string): Promise<void>
}

export type MessagingPorts = {
  world: World
  bus: EventBus
  audit: Audit
  table: PluginTable
  authority: Authority
  running: Running
  tokens: Tokens
  upstream: Upstream
}

export function messagingOf(ports: MessagingPorts): Messaging {
  const subscriptions = new Map<string, EventSubscription[]>()
  const keep = (id: string, subscription: EventSubscription): void => {
    subscriptions.set(id, [...(subscriptions.get(id) ?? []), subscription])
  }
  const allowSubscription = (plugin: Description, type: string, traceId: string): Promise<void> =>
    ports.authority.demand({
      plugin,
      capability: { action: 'event:subscribe', target: type },
      action: 'event.subscribe',
      target: type,
      traceId,
    })
  return {
    publish: (plugin, publication) => publish(ports, plugin, publication),
    subscribe: async (plugin, types, endpoint, traceId) => {
      const path = endpointPath(plugin, endpoint)
      for (const type of types) await allowSubscription(plugin, type, traceId)
      for (const pattern of types)
        keep(
          plugin.id,
          await ports.bus.subscribe({ subscriber: plugin.id, pattern }, (event) => push(ports, plugin, path, event)),
        )
    },
    join: async ({ id, description }) => {
      if (description.runtime.kind !== 'node') return
      for (const { type } of description.events?.handles ?? []) {
        await allowSubscription(description, type, ports.world.newId())
        keep(
          id,
          await ports.bus.subscribe({ subscriber: id, pattern: type }, (event) => hand(ports, description, event)),
        )
      }
    },
    leave: async (id) => {
      const open = subscriptions.get(id) ?? []
      subscriptions.delete(id)
      await Promise.all(open.map((subscription) => subscription.close()))
    },
  }
}

async function publish(
  { world, bus, authority }: MessagingPorts,
  plugin: Description,
  publication: Publication,
): Promise<EventRecord> {
  const { type, payload, traceId } = publication
  refuseMalformed(plugin, publication)
  await authority.demand({
    plugin,
    capability: { action: 'event:publish', target: type },
    action: 'event.publish',
    target: type,
    traceId,
  })
  const event: EventRecord = {
    id: world.newId(),
    type,
    version: plugin.events?.emits?.find((emitted) => emitted.type === type)?.version ?? 1,
    source: plugin.id,
    at: new Date(world.now()).toISOString(),
    traceId,
    ...(publication.key === undefined ? {} : { key: publication.key }),
    dataTraits: [...publication.dataTraits],
    payload,
    metadata: publication.metadata,
  }
  await bus.publish(event)
  return event
}

/** A plugin speaks under its own name or in a canonical type, and carries only data that it says it handles. */
function refuseMalformed(plugin: Description, { type, payload, dataTraits }: Publication): void {
  if (!isEventType(type)) throw new TenonError('EVENT_INVALID', `"${type}" is no event type`)
  if (type.startsWith('plugin.') && !type.startsWith(`plugin.${plugin.id}.`))
    throw new TenonError('PERMISSION_DENIED', `"${type}" is another plugin's name space`, {
      details: { capability: `event:publish:${type}` },
    })
  const size = Buffer.byteLength(JSON.stringify(payload))
  if (size > limits.eventBytes)
    throw new TenonError('EVENT_INVALID', `the payload has ${size} bytes, more than ${limits.eventBytes}`)
  const unhandled = dataTraits.find(
    (trait) => ['pii', 'phi'].includes(trait) && plugin.traits?.includes(`handles_${trait}`) !== true,
  )
  if (unhandled !== undefined)
    throw new TenonError(
      'PERMISSION_DENIED',
      `"${plugin.id}" lacks the trait handles_${unhandled} for what it publishes`,
    )
}

function endpointPath(plugin: Description, endpoint: string): string {
  const path = plugin.runtime.kind === 'remote' ? plugin.runtime.endpoints[endpoint] : undefined
  if (path !== undefined) return path
  throw new TenonError('OPERATION_UNKNOWN', `"${plugin.id}" declares no endpoint "${endpoint}"`, {
    hint: 'Name one of its endpoints.',
  })
}

/** Events of persons' data reach only plugins that say they handle it. */
const mayReceive = (plugin: Description, event: EventRecord): boolean =>
  event.dataTraits.every(
    (trait) => !['pii', 'phi'].includes(trait) || plugin.traits?.includes(`handles_${trait}`) === true,
  )

const recordDelivery = (
  { audit }: MessagingPorts,
  plugin: Description,
  event: EventRecord,
  allowed: boolean,
): Promise<void> =>
  audit.record({
    actor: `plugin:${event.source}`,
    action: 'event.deliver',
    target: plugin.id,
    decision: allowed ? 'allow' : 'deny',
    reason: allowed ? 'delivered' : 'lacks the data trait',
    traceId: event.traceId,
    details: { eventId: event.id, type: event.type },
  })

async function hand(ports: MessagingPorts, plugin: Description, event: EventRecord): Promise<void> {
  if (!mayReceive(plugin, event)) return recordDelivery(ports, plugin, event, false)
  const process = await ports.running.process(plugin.id)
  await process.deliver(event)
  await recordDelivery(ports, plugin, event, true)
}

async function push(ports: MessagingPorts, plugin: Description, path: string, event: EventRecord): Promise<void> {
  if (!mayReceive(plugin, event)) return recordDelivery(ports, plugin, event, false)
  const token = await ports.tokens.forForwarding('host', plugin.id, [])
  const { status } = await ports.upstream({
    url: `${addressOf(knownPlugin(ports.table, plugin.id))}${path}`,
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'x-trace-id': event.traceId },
    body: JSON.stringify(snakeEvent(event)),
    signal: new AbortController().signal,
  })
  if (status >= 300) throw new TenonError('UPSTREAM_UNREACHABLE', `"${plugin.id}" answered an event with ${status}`)
  await recordDelivery(ports, plugin, event, true)
}

/** An event in the form that `/messaging` has on the wire. */
export const snakeEvent = (event: EventRecord): Record<string, unknown> => ({
  event_id: event.id,
  event_type: event.type,
  version: event.version,
  source_plugin: event.source,
  timestamp: event.at,
  trace_id: event.traceId,
  data_traits: event.dataTraits,
  payload: event.payload,
  metadata: event.metadata,
})
