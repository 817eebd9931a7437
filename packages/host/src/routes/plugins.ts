import Type from 'typebox'
import type { Json } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { noContent, routesFor, type Route } from '@tenon/http'
import { bearerOf } from '../bearer.ts'
import type { Host } from '../host.ts'
import { knownPlugin } from '../known-plugin.ts'
import { pluginRowOf, pluginViewOf } from '../plugin-view.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'
import { refuseOther } from './own.ts'
import { idParams, pluginDocument, pluginListDocument } from './documents.ts'

const route = routesFor<HostPrincipal>()

const LOOPBACK = /^(::1$|127\.|::ffff:127\.)/

/** Registration, a plugin's own routes, and what administrators see of plugins. */
export const pluginRoutes = (host: Host): Route<HostPrincipal>[] => [
  ...registrationRoutes(host),
  ...viewRoutes(host),
  ...ownRoutes(host),
]

const registrationRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/plugins/register',
    summary: 'Registers a plugin by its manifest and answers its token',
    admits: 'open',
    body: Type.Unknown(),
    answers: { 200: closed({ status: Type.Literal('registered'), plugin_id: Type.String(), token: Type.String() }) },
  }).handle(async ({ body, headers, remoteAddress, traceId }) => {
    const enrolment = headers['x-tenon-enrolment']
    const registered = await host.register({
      manifest: body as Json,
      fromLoopback: LOOPBACK.test(remoteAddress),
      enrolmentSecret: typeof enrolment === 'string' ? enrolment : undefined,
      pluginToken: bearerOf(headers),
      traceId,
    })
    return { status: 200, body: registered }
  }),
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    summary: 'The keys with which this host signs tokens',
    admits: 'open',
    answers: { 200: Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) }) },
  }).handle(async () => ({ status: 200, body: await host.tokens.jwks() })),
]

const viewRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/plugins',
    summary: 'Lists the plugins of this host',
    admits: ['admin'],
    answers: { 200: pluginListDocument },
  }).handle(() => {
    const plugins = host.table.list().map((record) => pluginRowOf(host, record))
    return { status: 200, body: { plugins, total: plugins.length } }
  }),
  route({
    method: 'GET',
    path: '/plugins/{id}',
    summary: 'Shows one plugin: what it may do, does and did',
    admits: ['admin'],
    params: idParams,
    answers: { 200: pluginDocument },
  }).handle(async ({ params }) => ({
    status: 200,
    body: await pluginViewOf(host, knownPlugin(host.table, params.id)),
  })),
]

const ownRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/plugins/{id}/heartbeat',
    summary: "Takes a plugin's own word on its health",
    admits: ['plugin'],
    params: idParams,
    body: closed({
      health: Type.Optional(
        Type.Union([
          Type.Enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
          closed({ status: Type.Optional(Type.Enum(['healthy', 'degraded', 'unhealthy', 'unknown'])) }),
        ]),
      ),
      status: Type.Optional(Type.String()),
    }),
    answers: { 200: closed({ status: Type.Literal('ok') }) },
  }).handle(async ({ params, body, ...asked }) => {
    await refuseOther(host, asked, params.id, 'plugin.heartbeat')
    const said = typeof body.health === 'object' ? body.health.status : body.health
    await host.health.heartbeat(params.id, said ?? 'healthy')
    return { status: 200, body: { status: 'ok' } }
  }),
  route({
    method: 'DELETE',
    path: '/plugins/{id}',
    summary: 'Removes the plugin whose token is shown',
    admits: ['plugin'],
    params: idParams,
    answers: { 204: noContent },
  }).handle(async ({ params, principal, traceId }) => {
    await refuseOther(host, { principal, traceId }, params.id, 'plugin.unregister')
    await host.unregister(params.id, { actor: actorOf(principal), traceId })
    return { status: 204 }
  }),
]
