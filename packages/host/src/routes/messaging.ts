import Type from 'typebox'
import { FOREIGN_ID_PATTERN, ID_PATTERN, limits, OPERATION_PATTERN, type Json } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { routesFor, type Route } from '@tenon/http'
import type { Host } from '../host.ts'
import type { HostPrincipal } from '../principal.ts'
import { refuseOther } from './own.ts'

const route = routesFor<HostPrincipal>()
const eventType = Type.String({ minLength: 1, maxLength: limits.eventTypeBytes })

/** The event lane, and the services that plugins share. */
export const messagingRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/messaging/events',
    summary: 'Publishes an event; answered once it is on disk',
    admits: ['plugin'],
    body: closed({
      event_type: eventType,
      payload: Type.Optional(Type.Unknown()),
      source_plugin: Type.Optional(Type.String()),
      data_traits: Type.Optional(Type.Array(Type.String())),
      metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
      key: Type.Optional(Type.String({ maxLength: 256 })),
    }),
    answers: { 200: closed({ event_id: Type.String(), status: Type.Literal('published') }) },
  }).handle(async ({ body, principal, traceId }) => {
    await refuseOther(host, { principal, traceId }, body.source_plugin ?? principal.id, 'event.publish')
    const event = await host.messaging.publish(principal.id, {
      type: body.event_type,
      payload: (body.payload ?? null) as Json,
      key: body.key,
      dataTraits: body.data_traits ?? [],
      metadata: body.metadata ?? {},
      traceId,
    })
    return { status: 200, body: { event_id: event.id, status: 'published' } }
  }),
  route({
    method: 'POST',
    path: '/messaging/subscriptions',
    summary: "Delivers events of these types to one of the plugin's endpoints",
    admits: ['plugin'],
    body: closed({
      event_types: Type.Array(eventType, { minItems: 1, maxItems: 64 }),
      endpoint: Type.String({ pattern: `^[A-Za-z][A-Za-z0-9_.-]*$|${ID_PATTERN}` }),
    }),
    answers: { 200: closed({ status: Type.Literal('subscribed'), event_types: Type.Array(Type.String()) }) },
  }).handle(async ({ body, principal, traceId }) => {
    await host.subscribe(principal.id, { types: body.event_types, endpoint: body.endpoint, traceId })
    return { status: 200, body: { status: 'subscribed', event_types: body.event_types } }
  }),
  route({
    method: 'POST',
    path: '/messaging/services/{plugin}/{service}',
    summary: 'Asks a service that a plugin provides; the body is the request, the answer its response',
    admits: ['plugin', 'admin'],
    params: Type.Object({
      plugin: Type.String({ pattern: FOREIGN_ID_PATTERN }),
      service: Type.String({ pattern: OPERATION_PATTERN }),
    }),
    body: Type.Unknown(),
    answers: { 200: Type.Unknown() },
  }).handle(async ({ params, principal, body, traceId, signal }) => {
    const asked = { target: params.plugin, service: params.service, request: (body ?? null) as Json }
    return { status: 200, body: await host.callService({ caller: principal, ...asked, traceId, signal }) }
  }),
]
