import Type from 'typebox'
import { FOREIGN_ID_PATTERN, limits, type Json } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { bytes, routesFor, type Route } from '@tenon/http'
import { activeCaller } from '../gateway.ts'
import type { Host } from '../host.ts'
import type { HostPrincipal } from '../principal.ts'

const route = routesFor<HostPrincipal>()

const outside = closed({
  url: Type.String({ minLength: 1, maxLength: 8192 }),
  method: Type.Optional(Type.String({ maxLength: 16 })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  body: Type.Optional(Type.String()),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** The operator lane and the proxy lane. The role routes come last: their first segment is a name that plugins bring. */
export const gatewayRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/gateway/proxy',
    summary: 'Makes an outside request that the caller is allowed',
    admits: ['plugin'],
    body: outside,
    answers: {
      200: closed({ status: Type.Integer(), headers: Type.Record(Type.String(), Type.Unknown()), body: Type.String() }),
    },
  }).handle(async ({ body, principal, traceId, signal }) => {
    const { description } = activeCaller(host, principal.id)
    const answer = await host.proxy(description, body as Record<string, Json>, traceId, signal)
    return { status: 200, body: answer as { status: number; headers: Record<string, unknown>; body: string } }
  }),
  route({
    method: 'POST',
    path: '/gateway/{plugin}/{operation}',
    summary: 'Calls an operation; the body is its input, the answer its output',
    admits: ['plugin', 'admin'],
    params: Type.Object({
      plugin: Type.String({ pattern: FOREIGN_ID_PATTERN }),
      operation: Type.String({ maxLength: 64 }),
    }),
    body: Type.Unknown(),
    answers: { 200: Type.Unknown() },
  }).handle(async ({ params, principal, body, traceId, signal }) => {
    const call = {
      caller: principal,
      target: params.plugin,
      operation: params.operation,
      input: (body ?? null) as Json,
      traceId,
      signal,
    }
    return { status: 200, body: await host.call(call) }
  }),
  ...roleRoutes(host),
]

const roleRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'ANY',
    path: '/{role}/{rest*}',
    summary: 'Forwards to the active plugin that holds the role, at an endpoint that it declares',
    admits: ['plugin'],
    params: Type.Object({ role: Type.String(), rest: Type.String() }),
    query: Type.Object({}),
    body: bytes('*/*', limits.requestBodyBytes),
    answers: { 200: bytes('*/*') },
  }).handle(async ({ params, principal, url, method, body, traceId, signal }) => {
    const sent = Buffer.concat(await Array.fromAsync(body))
    const path = url.slice(url.indexOf(`/${params.role}/`) + params.role.length + 1)
    const answer = await host.route({
      caller: principal,
      role: params.role,
      path,
      method,
      body: sent.length === 0 ? undefined : sent.toString('utf8'),
      traceId,
      signal,
    })
    return {
      status: answer.status as 200,
      body: answer.body,
      headers: { 'content-type': answer.contentType || 'application/octet-stream' },
    }
  }),
]
