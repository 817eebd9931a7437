import {
  capabilityFault,
  isEventType,
  limits,
  TenonError,
  type Description,
  type EventRecord,
  type Json,
  type World,
} from '@tenon/contract'
import { recordingRefusal, type Attempt } from './audited.ts'
import { mayHandle } from './data-traits.ts'
import { deliveriesOf, type DeliveryPorts } from './deliveries.ts'
import type { Health } from './health.ts'
import { isOfHost } from './host-events.ts'
import { activeCaller } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import { endpointOf } from './remote-request.ts'

export type Publication = {
  type: string
  payload: Json
  key: string | undefined
  dataTraits: readonly string[]
  metadata: Record<string, string>
  traceId: string
}

export type SubscriptionRequest = { types: readonly string[]; endpoint: string; traceId: string }

export type Messaging = {
  /** Publishes in a plugin's name what it may; settles when the event is on disk. */
  publish(plugin: string, publication: Publication): Promise<EventRecord>
  /** Delivers events of these types to an endpoint that the plugin declares, until it is removed. */
  subscribe(plugin: string, request: SubscriptionRequest): Promise<void>
  /** Connects a plugin to the events that its spec handles or that it subscribed to. */
  join(record: PluginRecord): Promise<void>
  leave(id: string): Promise<void>
}

export type MessagingPorts = DeliveryPorts & { world: World; health: Health }

export function messagingOf(ports: MessagingPorts): Messaging {
  const { table } = ports
  const deliveries = deliveriesOf(ports)
  return {
    publish: (plugin, publication) => publish(ports, plugin, publication),
    subscribe: async (plugin, request) => {
      await admitSubscription(ports, plugin, request)
      for (const pattern of request.types) table.setSubscription(plugin, { pattern, endpoint: request.endpoint })
      await deliveries.open(plugin, request.types)
    },
    join: ({ id, description }) => deliveries.open(id, wanted(table, description)),
    leave: (id) => deliveries.close(id),
  }
}

function wanted(table: PluginTable, { id, runtime, events }: Description): string[] {
  if (runtime.kind === 'remote') return table.subscriptions(id).map(({ pattern }) => pattern)
  return runtime.kind === 'node' ? (events?.handles ?? []).map(({ type }) => type) : []
}

async function publish(ports: MessagingPorts, plugin: string, publication: Publication): Promise<EventRecord> {
  const { world, bus, audit, authority } = ports
  const { type, payload, traceId } = publication
  const id = world.newId()
  const attempt = (): Attempt => ({
    actor: `plugin:${plugin}`,
    action: 'event.publish',
    target: shortened(type),
    ...(isEventType(type) ? { capability: `event:publish:${type}` } : {}),
    traceId,
    details: { eventId: id },
  })
  return recordingRefusal(audit, attempt, async () => {
    const { description } = activeCaller(ports, plugin)
    refuseMalformed(description, publication)
    authority.insist(description, { action: 'event:publish', target: type })
    await audit.record({ ...attempt(), decision: 'allow', reason: 'allowed' })
    const event: EventRecord = {
      id,
      type,
      version: description.events?.emits?.find((emitted) => emitted.type === type)?.version ?? 1,
      source: plugin,
      at: new Date(world.now()).toISOString(),
      traceId,
      ...(publication.key === undefined ? {} : { key: publication.key }),
      dataTraits: [...publication.dataTraits],
      payload,
      metadata: publication.metadata,
    }
    await bus.publish(event)
    return event
  })
}

/** What a caller wrote, as short as an audit entry wants it. */
const shortened = (text: string): string => text.slice(0, limits.eventTypeBytes)

/** A plugin speaks under its own name or in a canonical type, and carries only data that it says it handles. */
function refuseMalformed(plugin: Description, { type, payload, dataTraits }: Publication): void {
  if (!isEventType(type)) throw new TenonError('EVENT_INVALID', `"${shortened(type)}" is no event type`)
  if (type.startsWith('plugin.') && !type.startsWith(`plugin.${plugin.id}.`))
    throw new TenonError('PERMISSION_DENIED', `"${type}" is another plugin's name space`)
  if (isOfHost(type)) throw new TenonError('PERMISSION_DENIED', `"${type}" is in the host's own name space`)
  const size = Buffer.byteLength(JSON.stringify(payload))
  if (size > limits.eventBytes)
    throw new TenonError('EVENT_INVALID', `the payload has ${size} bytes, more than ${limits.eventBytes}`)
  const unhandled = dataTraits.find((trait) => !mayHandle(plugin, trait))
  if (unhandled !== undefined)
    throw new TenonError(
      'PERMISSION_DENIED',
      `"${plugin.id}" lacks the trait handles_${unhandled} for what it publishes`,
    )
}

async function admitSubscription(
  ports: MessagingPorts,
  plugin: string,
  { types, endpoint, traceId }: SubscriptionRequest,
): Promise<void> {
  const { audit, authority, table } = ports
  for (const type of types) {
    const attempt = (): Attempt => ({
      actor: `plugin:${plugin}`,
      action: 'event.subscribe',
      target: shortened(type),
      traceId,
    })
    await recordingRefusal(audit, attempt, async () => {
      const { description } = activeCaller(ports, plugin)
      refuseEndpoint(description, endpoint)
      if (capabilityFault(`event:subscribe:${type}`) !== undefined)
        throw new TenonError('EVENT_INVALID', `"${shortened(type)}" is no event type`)
      authority.insist(description, { action: 'event:subscribe', target: type })
      refuseMany([...table.subscriptions(plugin).map(({ pattern }) => pattern), ...types])
      const capability = `event:subscribe:${type}`
      await audit.record({ ...attempt(), capability, decision: 'allow', reason: 'allowed' })
    })
  }
}

function refuseEndpoint(plugin: Description, endpoint: string): void {
  if (endpointOf(plugin, endpoint) === undefined)
    throw new TenonError('OPERATION_UNKNOWN', `"${plugin.id}" declares no endpoint "${endpoint}"`, {
      hint: 'Name one of its endpoints.',
    })
}

function refuseMany(patterns: readonly string[]): void {
  if (new Set(patterns).size > limits.eventSubscriptionsMax)
    throw new TenonError('QUOTA_EXCEEDED', `a plugin has at most ${limits.eventSubscriptionsMax} subscriptions`)
}
