import Type from 'typebox'
import { FOREIGN_ID_PATTERN, limits } from '@tenon/contract'
import { auditSchema, closed } from '@tenon/contract/schema'
import { noContent, routesFor, type Route } from '@tenon/http'
import type { Host } from '../host.ts'
import { knownPlugin } from '../known-plugin.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'
import { idParams } from './documents.ts'

const route = routesFor<HostPrincipal>()
const pluginId = Type.String({ pattern: FOREIGN_ID_PATTERN })
const capabilities = Type.Array(Type.String({ maxLength: 512 }), { maxItems: 256, uniqueItems: true })
const operatorEntry = closed({
  caller: pluginId,
  target: pluginId,
  operations: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 256, uniqueItems: true }),
})
const operatorPair = closed({ caller: pluginId, target: pluginId })
const move = closed({ from: Type.Integer(), to: Type.Integer(), changed: Type.Integer() })
const acted = (status: string) => closed({ status: Type.Literal(status), plugin_id: Type.String() })

/** What administrators do. */
export const adminRoutes = (host: Host): Route<HostPrincipal>[] => [
  ...lifecycleRoutes(host),
  ...grantRoutes(host),
  auditRoute(host),
]

const lifecycleRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/admin/plugins/{id}/enable',
    summary: 'Lets a plugin take part',
    admits: ['admin'],
    params: idParams,
    answers: { 200: acted('enabled') },
  }).handle(async ({ params, principal, traceId }) => {
    await host.enable(params.id, { actor: actorOf(principal), traceId })
    return { status: 200, body: { status: 'enabled', plugin_id: params.id } }
  }),
  route({
    method: 'POST',
    path: '/admin/plugins/{id}/disable',
    summary: 'Takes a plugin out until it is enabled again',
    admits: ['admin'],
    params: idParams,
    query: closed({ reason: Type.Optional(Type.String({ maxLength: 512 })) }),
    answers: { 200: acted('disabled') },
  }).handle(async ({ params, query, principal, traceId }) => {
    await host.disable(params.id, query.reason ?? '', { actor: actorOf(principal), traceId })
    return { status: 200, body: { status: 'disabled', plugin_id: params.id } }
  }),
  route({
    method: 'POST',
    path: '/admin/plugins/{id}/migrate',
    summary: 'Brings what a plugin stored to the versions that it declares, as its first start does; or only tries to',
    admits: ['admin'],
    params: idParams,
    query: closed({ dryRun: Type.Optional(Type.Boolean()) }),
    answers: { 200: closed({ storage: move, settings: move }) },
  }).handle(async ({ params, query, principal, traceId, signal }) => {
    const by = { actor: actorOf(principal), traceId }
    const options = { dryRun: query.dryRun ?? false, ending: signal }
    return { status: 200, body: await host.migrate(params.id, options, by) }
  }),
  route({
    method: 'DELETE',
    path: '/admin/plugins/{id}',
    summary: 'Removes a plugin from the register',
    admits: ['admin'],
    params: idParams,
    answers: { 204: noContent },
  }).handle(async ({ params, principal, traceId }) => {
    await host.unregister(params.id, { actor: actorOf(principal), traceId })
    return { status: 204 }
  }),
  route({
    method: 'PUT',
    path: '/admin/plugins/{id}/address',
    summary: 'Says where a remote plugin answers',
    admits: ['admin'],
    params: idParams,
    body: closed({ address: Type.String({ maxLength: 512 }) }),
    answers: { 200: closed({ plugin_id: Type.String(), address: Type.String() }) },
  }).handle(async ({ params, body, principal, traceId }) => {
    await host.setAddress(params.id, body.address, { actor: actorOf(principal), traceId })
    return { status: 200, body: { plugin_id: params.id, address: body.address } }
  }),
]

const grantRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/admin/plugins/{id}/grants',
    summary: 'What this host grants to a plugin beyond its workspace',
    admits: ['admin'],
    params: idParams,
    answers: { 200: closed({ plugin_id: Type.String(), capabilities }) },
  }).handle(({ params }) => {
    const { id } = knownPlugin(host.table, params.id)
    return { status: 200, body: { plugin_id: id, capabilities: host.table.grants(id) } }
  }),
  route({
    method: 'PUT',
    path: '/admin/plugins/{id}/grants',
    summary: 'Grants exactly these capabilities to a plugin on this host',
    admits: ['admin'],
    params: idParams,
    body: closed({ capabilities }),
    answers: { 200: closed({ plugin_id: Type.String(), capabilities }) },
  }).handle(async ({ params, body, principal, traceId }) => {
    const by = { actor: actorOf(principal), traceId }
    const granted = await host.changeGrants(params.id, () => body.capabilities, by)
    return { status: 200, body: { plugin_id: params.id, capabilities: granted } }
  }),
  route({
    method: 'GET',
    path: '/admin/operator/allowlist',
    summary: 'The operations of a target that a caller may call',
    admits: ['admin'],
    query: operatorPair,
    answers: { 200: operatorEntry },
  }).handle(({ query }) => ({ status: 200, body: { ...query, operations: allowedOperations(host, query) } })),
  route({
    method: 'PUT',
    path: '/admin/operator/allowlist',
    summary: 'Lets a caller call exactly these operations of a target',
    admits: ['admin'],
    body: operatorEntry,
    answers: { 200: operatorEntry },
  }).handle(async ({ body, principal, traceId }) => {
    const prefix = `operator:call:${body.target}/`
    const operations = body.operations.map((operation) => `${prefix}${operation}`)
    const next = (granted: readonly string[]): string[] => [
      ...granted.filter((text) => !text.startsWith(prefix)),
      ...operations,
    ]
    await host.changeGrants(body.caller, next, { actor: actorOf(principal), traceId })
    return { status: 200, body: { ...body, operations: allowedOperations(host, body) } }
  }),
]

const allowedOperations = (host: Host, { caller, target }: { caller: string; target: string }): string[] =>
  host.table
    .grants(caller)
    .filter((text) => text.startsWith(`operator:call:${target}/`))
    .map((text) => text.slice(`operator:call:${target}/`.length))

const auditRoute = (host: Host): Route<HostPrincipal> =>
  route({
    method: 'GET',
    path: '/admin/audit',
    summary: 'Searches the audit ledger, newest first',
    admits: ['admin'],
    query: closed({
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.auditPageMax })),
      offset: Type.Optional(Type.Integer({ minimum: 0 })),
      actor: Type.Optional(Type.String()),
      action: Type.Optional(Type.String()),
      target: Type.Optional(Type.String()),
      capability: Type.Optional(Type.String()),
      decision: Type.Optional(Type.Enum(['allow', 'deny'])),
      traceId: Type.Optional(Type.String()),
    }),
    answers: {
      200: closed({
        items: Type.Array(auditSchema),
        total: Type.Integer(),
        limit: Type.Integer(),
        offset: Type.Integer(),
      }),
    },
  }).handle(({ query: { limit = 100, offset = 0, ...filters } }) => {
    const { items, total } = host.audit.search({ ...filters, limit, offset })
    return { status: 200, body: { items, total, limit, offset } }
  })
