import { TenonError, type Audit } from '@tenon/contract'
import { recordingFailure, recordingRefusal, type Attempt } from './audited.ts'
import type { Authority } from './authority.ts'
import { forwardHeaders, refuseUnauthorised } from './gateway.ts'
import type { Health } from './health.ts'
import { activeCaller } from './known-plugin.ts'
import { addressOf } from './plugin-address.ts'
import type { PluginTable } from './plugin-table.ts'
import type { PluginPrincipal } from './principal.ts'
import { endpointFor, forwardPathFault, rolesOf } from './roles.ts'
import type { PluginRecord } from './records.ts'
import type { Tokens } from './tokens.ts'
import type { Upstream, UpstreamAnswer, UpstreamBody } from './upstream.ts'

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
  /** Path below the role, as sent. */
  path: string
  /** From its question mark on, as sent; empty when there is none. */
  query: string
  method: string
  contentType: string | undefined
  body: UpstreamBody
  traceId: string
  signal: AbortSignal
}

/** Forwards a request for a role to the active plugin that holds it, at an endpoint that it declares. */
export async function callRole(ports: RolePorts, request: RoleRequest): Promise<UpstreamAnswer> {
  const { audit } = ports
  const attempt = (): Attempt => ({
    actor: `plugin:${request.caller.id}`,
    action: 'operator.route',
    target: `${request.role}${request.path}`,
    traceId: request.traceId,
  })
  const admitted = await recordingRefusal(audit, attempt, async () => admit(ports, request))
  await audit.record({
    ...attempt(),
    action: 'operator.admit',
    capability: `operator:call:${admitted.target.id}/${admitted.endpoint.name}`,
    decision: 'allow',
    reason: 'allowed',
  })
  const answer = await recordingFailure(audit, attempt, () => forward(ports, request, admitted))
  await audit.record({ ...attempt(), decision: 'allow', reason: `answered ${answer.status}` })
  return answer
}

type Admitted = { target: PluginRecord; endpoint: { name: string; path: string } }

function admit(ports: RolePorts, { caller: { id }, role, path }: RoleRequest): Admitted {
  const caller = activeCaller(ports, id)
  const fault = forwardPathFault(path)
  if (fault !== undefined) throw new TenonError('HTTP_INVALID', `the path ${fault}`)
  const target = holderOf(ports.table, role)
  const { runtime } = target.description
  const endpoint = runtime.kind === 'remote' ? endpointFor(path, runtime.endpoints) : undefined
  if (endpoint === undefined)
    throw new TenonError('HTTP_ROUTE_UNKNOWN', `"${target.id}" declares no endpoint for ${path}`)
  refuseUnauthorised(ports.authority, caller, target, endpoint.name)
  return { target, endpoint }
}

async function forward(
  ports: RolePorts,
  request: RoleRequest,
  { target, endpoint }: Admitted,
): Promise<UpstreamAnswer> {
  const { contentType, body } = request
  return ports.upstream({
    url: `${addressOf(target)}${endpoint.path}${request.query}`,
    method: request.method,
    headers: {
      ...(await forwardHeaders(ports, request, target.id)),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    body,
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
