import { TenonError, type Audit, type EventBus, type EventRecord, type EventSubscription } from '@tenon/contract'
import type { Authority } from './authority.ts'
import { mayHandle } from './data-traits.ts'
import { isOfHost } from './host-events.ts'
import { knownPlugin, refuseInactive } from './known-plugin.ts'
import { addressOf } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginRecord } from './records.ts'
import { endpointOf } from './remote-request.ts'
import type { Running } from './running.ts'
import type { Tokens } from './tokens.ts'
import type { Upstream } from './upstream.ts'

export type DeliveryPorts = {
  bus: EventBus
  audit: Audit
  table: PluginTable
  authority: Authority
  running: Running
  tokens: Tokens
  upstream: Upstream
}

/** Which events flow to which plugin now. */
export type Deliveries = {
  /** Begins those that do not flow yet. */
  open(id: string, patterns: readonly string[]): Promise<void>
  /** Ends all of a plugin's; one that is under way is given up and comes again when they are opened the next time. */
  close(id: string): Promise<void>
}

type Open = { ending: AbortController; subscriptions: Map<string, EventSubscription> }

export function deliveriesOf(ports: DeliveryPorts): Deliveries {
  const opened = new Map<string, Open>()
  return {
    open: async (id, patterns) => {
      const { ending, subscriptions } = opened.get(id) ?? { ending: new AbortController(), subscriptions: new Map() }
      opened.set(id, { ending, subscriptions })
      for (const pattern of patterns)
        if (!subscriptions.has(pattern)) {
          const name: Name = { subscriber: id, pattern }
          const handler = (event: EventRecord): Promise<void> => deliver(ports, name, event, ending.signal)
          subscriptions.set(pattern, await ports.bus.subscribe(name, handler))
        }
    },
    close: async (id) => {
      const { ending, subscriptions } = opened.get(id) ?? {}
      opened.delete(id)
      ending?.abort(new TenonError('CALL_CANCELLED', `"${id}" takes no more events`))
      await Promise.all([...(subscriptions?.values() ?? [])].map((subscription) => subscription.close()))
    },
  }
}

type Name = { subscriber: string; pattern: string }

/** Whether the plugin may have the event is asked each time: grants come and go while events flow. */
async function deliver(ports: DeliveryPorts, name: Name, event: EventRecord, signal: AbortSignal): Promise<void> {
  const record = knownPlugin(ports.table, name.subscriber)
  refuseInactive(record)
  const why = whyNot(ports, record, event)
  if (why === undefined && record.description.runtime.kind === 'remote') await push(ports, record, name, event, signal)
  else if (why === undefined) await (await ports.running.process(record.id)).deliver(event, { signal })
  await ports.audit.record({
    actor: isOfHost(event.type) ? 'host' : `plugin:${event.source}`,
    action: 'event.deliver',
    target: record.id,
    decision: why === undefined ? 'allow' : 'deny',
    reason: why ?? 'delivered',
    traceId: event.traceId,
    details: { eventId: event.id, type: event.type },
  })
}

function whyNot({ authority }: DeliveryPorts, { description }: PluginRecord, event: EventRecord): string | undefined {
  if (!authority.isAllowed(description, { action: 'event:subscribe', target: event.type }))
    return `event:subscribe:${event.type} is not allowed`
  const lacking = event.dataTraits.find((trait) => !mayHandle(description, trait))
  return lacking === undefined ? undefined : `lacks the trait handles_${lacking}`
}

async function push(
  { table, tokens, upstream }: DeliveryPorts,
  record: PluginRecord,
  { pattern }: Name,
  event: EventRecord,
  signal: AbortSignal,
): Promise<void> {
  const { id, description } = record
  const endpoint = table.subscriptions(id).find((subscription) => subscription.pattern === pattern)?.endpoint ?? ''
  const path = endpointOf(description, endpoint)
  if (path === undefined) throw new TenonError('OPERATION_UNKNOWN', `"${id}" no longer declares "${endpoint}"`)
  const { status } = await upstream({
    url: `${addressOf(record)}${path}`,
    method: 'POST',
    headers: {
      authorization: `Bearer ${await tokens.forForwarding('tenon:host', id, [])}`,
      'content-type': 'application/json',
      'x-trace-id': event.traceId,
    },
    body: JSON.stringify(snakeEvent(event)),
    signal,
  })
  if (status >= 300) throw new TenonError('UPSTREAM_UNREACHABLE', `"${id}" answered an event with ${status}`)
}

/** An event in the form that `/messaging` has on the wire. */
const snakeEvent = (event: EventRecord): Record<string, unknown> => ({
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
