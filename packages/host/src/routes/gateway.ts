import Type, { type Static } from 'typebox'
import { FOREIGN_ID_PATTERN, limits, TenonError, type Json } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { bytes, noContent, routesFor, type Route } from '@tenon/http'
import { handedOver } from '@tenon/sandbox'
import { bearerOf } from '../bearer.ts'
import type { Call } from '../gateway.ts'
import type { Host } from '../host.ts'
import type { HostPrincipal } from '../principal.ts'
import { linesOf } from './part-lines.ts'

const route = routesFor<HostPrincipal>()

const outside = closed({
  url: Type.String({ minLength: 1, maxLength: 8192 }),
  method: Type.Optional(Type.String({ maxLength: 16 })),
  headers: Type.Optional(Type.Record(Type.String(), Type.String())),
  body: Type.Optional(Type.String()),
  timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
})

/** A plugin must not fill the disk of whoever runs the host, so only who may call anything may have calls kept. */
const keeping = Type.Object({
  keep: Type.Optional(Type.Boolean({ description: 'Whether the call is kept as a run, which `x-run-id` names' })),
})

const called = Type.Object({
  plugin: Type.String({ pattern: FOREIGN_ID_PATTERN }),
  operation: Type.String({ maxLength: 64 }),
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
  }).handle(async ({ body, principal, headers, traceId, signal }) => {
    const secrets = [bearerOf(headers) ?? []].flat()
    const answer = await host.proxy({ caller: principal.id, given: body, secrets, traceId, signal })
    return { status: 200, body: answer as { status: number; headers: Record<string, unknown>; body: string } }
  }),
  route({
    method: 'POST',
    path: '/gateway/{plugin}/{operation}',
    summary: 'Calls an operation; the body is its input, the answer its output',
    admits: ['plugin', 'admin'],
    params: called,
    query: keeping,
    body: Type.Unknown(),
    answers: { 200: Type.Unknown() },
  }).handle(async (request) => {
    const run = runOf(host, request)
    return { status: 200, body: await host.call(callOf(request, run)), headers: headersOf(run) }
  }),
  route({
    method: 'POST',
    path: '/gateway/{plugin}/{operation}/stream',
    summary:
      'Calls an operation; the answer is its parts as they come, each a line `{"part": …}`, then `{"end": …}` or `{"error": …}`',
    admits: ['plugin', 'admin'],
    params: called,
    query: keeping,
    body: Type.Unknown(),
    answers: { 200: bytes('application/x-ndjson') },
  }).handle(async (request) => {
    const run = runOf(host, request)
    const parts = handedOver<Json>((take, unwanted) => {
      const signal = AbortSignal.any([request.signal, unwanted])
      return host.stream(callOf({ ...request, signal }, run), take)
    })
    return { status: 200, body: await linesOf(parts, request.traceId), headers: headersOf(run) }
  }),
  ...roleRoutes(host),
]

type CallRequest = {
  params: Static<typeof called>
  query: Static<typeof keeping>
  principal: HostPrincipal
  body: unknown
  traceId: string
  signal: AbortSignal
}

function runOf({ world }: Host, { query, principal }: CallRequest): string | undefined {
  if (query.keep !== true) return undefined
  if (principal.kind === 'plugin') throw new TenonError('PERMISSION_DENIED', 'a plugin has no calls kept as runs')
  return world.newId()
}

const callOf = ({ params, principal, body, traceId, signal }: CallRequest, run: string | undefined): Call => ({
  ...{ caller: principal, target: params.plugin, operation: params.operation },
  ...{ input: (body ?? null) as Json, traceId, signal, run },
})

const headersOf = (run: string | undefined): Record<string, string> => (run === undefined ? {} : { 'x-run-id': run })

const ANY_BYTES = bytes('*/*')

/** What a plugin may answer as it is; anything else, such as a redirect or a 401, is a fault of that plugin. */
const PASSED = [200, 201, 202, 400, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422, 423, 429, 500, 501, 502, 503, 504]
const passed = Object.fromEntries(PASSED.map((status) => [status, ANY_BYTES])) as Record<200, typeof ANY_BYTES>

const roleRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'ANY',
    path: '/{role}/{rest*}',
    summary: 'Forwards to the active plugin that holds the role, at an endpoint that it declares',
    admits: ['plugin'],
    params: Type.Object({ role: Type.String(), rest: Type.String() }),
    query: Type.Object({}),
    body: bytes('*/*', limits.requestBodyBytes),
    answers: { ...passed, 204: noContent },
  }).handle(async ({ params: { role }, principal, url, method, headers, body, traceId, signal }) => {
    const sent = Buffer.concat(await Array.fromAsync(body))
    const answer = await host.route({
      caller: principal,
      role,
      ...belowRole(url, role),
      method,
      contentType: headers['content-type'],
      body: sent.length === 0 ? undefined : sent,
      traceId,
      signal,
    })
    if (answer.status === 204) return { status: 204 }
    if (!PASSED.includes(answer.status))
      throw new TenonError('UPSTREAM_UNREACHABLE', `the role "${role}" answered ${answer.status}`)
    const contentType = answer.contentType || 'application/octet-stream'
    return { status: answer.status as 200, body: answer.body, headers: { 'content-type': contentType } }
  }),
]

/** What follows the role, as it was sent: decoding it here could turn one path into another. */
function belowRole(url: string, role: string): { path: string; query: string } {
  const [path = ''] = url.split('?', 1)
  if (path.startsWith(`/${role}/`)) return { path: path.slice(role.length + 1), query: url.slice(path.length) }
  throw new TenonError('HTTP_ROUTE_UNKNOWN', `there is no role in ${path}`)
}
