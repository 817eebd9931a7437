import { printCapability, TenonError, type Capability, type Json, type ProvidedService } from '@tenon/contract'
import { refuseUnqualified, type GatewayPorts } from './gateway.ts'
import { activeCaller, knownPlugin, refuseInactive } from './known-plugin.ts'
import { mediate } from './mediated.ts'
import { actorOf, type HostPrincipal } from './principal.ts'
import type { PluginRecord } from './records.ts'
import type { Throttle } from './throttle.ts'

export type ServicePorts = Omit<GatewayPorts, 'upstream' | 'tokens'> & { throttle: Throttle }

export type ServiceCall = {
  caller: HostPrincipal
  target: string
  service: string
  request: Json
  traceId: string
  signal: AbortSignal
}

/** One request to a service that a plugin provides, within the throttle that it declares for each of its callers. */
export function callService(ports: ServicePorts, call: ServiceCall): Promise<Json> {
  const target = `${call.target}/${call.service}`
  const capability: Capability = { action: 'service:call', target }
  const asked = { lane: 'service' as const, actor: actorOf(call.caller), target, traceId: call.traceId }
  return mediate(
    ports,
    call.caller.kind === 'plugin' ? { ...asked, capability: printCapability(capability) } : asked,
    () => admit(ports, call, capability),
    (service) => answer(ports, call, service),
  )
}

/** What the caller may is judged first: who may not call a service does not learn whether it is there. */
async function admit(ports: ServicePorts, call: ServiceCall, capability: Capability): Promise<ProvidedService> {
  const caller = call.caller.kind === 'plugin' ? activeCaller(ports, call.caller.id) : undefined
  if (caller !== undefined) {
    refuseUndeclared(caller, capability)
    ports.authority.insist(caller.description, capability)
  }
  const target = knownPlugin(ports.table, call.target)
  const service = serviceOf(target, call.service)
  refuseInactive(target)
  if (caller !== undefined) refuseUnqualified(caller.description, target.description)
  refuseUnprovided(ports, target, service)
  ports.contracts.checkRequest(target.id, service, call.request)
  refuseThrottled(ports, call, service)
  return service
}

function refuseUndeclared({ id, description }: PluginRecord, { target = '', ...rest }: Capability): void {
  if (description.services?.consumes?.includes(target) === true) return
  throw new TenonError('PERMISSION_DENIED', `"${id}" does not say that it consumes ${target}`, {
    hint: 'List it in services.consumes of plugin.spec.json.',
    details: { capability: printCapability({ ...rest, target }), reason: 'not-consumed' },
  })
}

function serviceOf({ id, description }: PluginRecord, name: string): ProvidedService {
  const provided = description.runtime.kind === 'node' ? (description.services?.provides ?? []) : []
  const service = provided.find((candidate) => candidate.name === name)
  if (service !== undefined) return service
  throw new TenonError('SERVICE_UNKNOWN', `"${id}" provides no service "${name}"`, {
    hint: `It provides: ${provided.map((candidate) => candidate.name).join(', ') || 'none'}.`,
  })
}

function refuseUnprovided(
  { authority }: ServicePorts,
  { id, description }: PluginRecord,
  { name }: ProvidedService,
): void {
  const provide = { action: 'service:provide', target: name }
  if (authority.isAllowed(description, provide)) return
  throw new TenonError('PERMISSION_DENIED', `${printCapability(provide)} is not granted to "${id}"`, {
    hint: 'An operator grants it.',
    details: { capability: printCapability(provide), reason: 'not-granted' },
  })
}

function refuseThrottled({ throttle }: ServicePorts, { caller, target }: ServiceCall, service: ProvidedService): void {
  const { name, throttle: rate } = service
  const retryAfterMs = throttle.take(JSON.stringify([actorOf(caller), target, name]), rate)
  if (retryAfterMs === 0) return
  const bound = `${rate.perSecond} a second, ${rate.burst} at once`
  throw new TenonError('SERVICE_THROTTLED', `${target}/${name} takes no more than ${bound}, from each caller`, {
    hint: `Ask again in ${retryAfterMs} ms.`,
    details: { retryAfterMs },
  })
}

async function answer(
  { running, contracts }: ServicePorts,
  { target, request, traceId, signal }: ServiceCall,
  service: ProvidedService,
): Promise<Json> {
  const process = await running.process(target)
  const response = await process.serve(service.name, request, { traceId, signal })
  contracts.checkResponse(target, service, response)
  return response
}
