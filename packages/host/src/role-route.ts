import { TenonError, type Audit } from '@tenon/contract'
import type { Authority } from './authority.ts'
import { activeCaller, forwardHeaders, refuseUnqualified } from './gateway.ts'
import type { Health } from './health.ts'
import { addressOf } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginPrincipal } from './principal.ts'
import { endpointFor, forwardPathFault, rolesOf } from './roles.ts'
import type { PluginRecord } from './records.ts'
import type { Tokens } from './tokens.ts'
import type { Upstream, UpstreamAnswer } from './upstream.ts'

export type RolePorts = {
  table: PluginTable
  audit: Audit
  authority: Authority
  health: Health
  tokens: Tokens
  upstream: Upstream
}

export type RoleRequest = {
  caller: PluginPrincipal
  role: string
  /** Path below the role, with its query, as sent. */
  path: string
  method: string
  body: string | undefined
  traceId: string
  signal: AbortSignal
}

/** Forwards a request for a role to the active plugin that holds it, at an endpoint that it declares. */
export async function callRole(ports: RolePorts, request: RoleRequest): Promise<UpstreamAnswer> {
  const entry = {
    actor: `plugin:${request.caller.id}`,
    action: 'operator.route',
    target: `${request.role}${request.path.replace(/\?.*$/, '')}`,
    traceId: request.traceId,
  }
  try {
    const answer = await forward(ports, request)
    await ports.audit.record({ ...entry, decision: 'allow', reason: `answered ${answer.status}` })
    return answer
  } catch (thrown) {
    await ports.audit.record({
      ...entry,
      decision: 'deny',
      reason: thrown instanceof TenonError ? thrown.code : 'INTERNAL',
    })
    throw thrown
  }
}

async function forward(ports: RolePorts, request: RoleRequest): Promise<UpstreamAnswer> {
  const caller = activeCaller(ports, request.caller.id)
  const [path = '', query] = request.path.split('?')
  const fault = forwardPathFault(path)
  if (fault !== undefined) throw new TenonError('HTTP_INVALID', `the path ${fault}`)
  const target = holderOf(ports.table, request.role)
  const { runtime } = target.description
  const endpoint = runtime.kind === 'remote' ? endpointFor(path, runtime.endpoints) : undefined
  if (endpoint === undefined)
    throw new TenonError('HTTP_ROUTE_UNKNOWN', `"${target.id}" declares no endpoint for ${path}`)
  refuseUnauthorised(ports.authority, caller, target, endpoint.name)
  return ports.upstream({
    url: `${addressOf(target)}${endpoint.path}${query === undefined ? '' : `?${query}`}`,
    method: request.method,
    headers: await forwardHeaders(ports, { caller: request.caller, traceId: request.traceId }, target.id),
    body: request.body,
    signal: request.signal,
  })
}

function holderOf(table: PluginTable, role: string): PluginRecord {
  const holders = table.list().filter(({ description }) => rolesOf(description).includes(role))
  const active = holders.find(({ status }) => status === 'active')
  if (active !== undefined) return active
  if (holders.length > 0) throw new TenonError('PLUGIN_DISABLED', `no active plugin holds the role "${role}"`)
  throw new TenonError('HTTP_ROUTE_UNKNOWN', `there is no role "${role}"`)
}

function refuseUnauthorised(authority: Authority, caller: PluginRecord, target: PluginRecord, endpoint: string): void {
  const capability = { action: 'operator:call', target: `${target.id}/${endpoint}` }
  if (!authority.isAllowed(caller.description, capability))
    throw new TenonError('PERMISSION_DENIED', `operator:call:${capability.target} is not allowed for "${caller.id}"`, {
      details: { capability: `operator:call:${capability.target}` },
    })
  refuseUnqualified(caller.description, target.description)
}
