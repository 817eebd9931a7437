import {
  printCapability,
  TenonError,
  type Audit,
  type Description,
  type Json,
  type Operation,
  type World,
} from '@tenon/contract'
import type { CallOptions, PluginProcess, Take } from '@tenon/sandbox'
import type { Authority } from './authority.ts'
import type { Contracts } from './contracts.ts'
import { mayHandle, personalDataOf } from './data-traits.ts'
import { addressOf } from './plugin-address.ts'
import type { Health } from './health.ts'
import type { KeepCall } from './kept-call.ts'
import { activeCaller, knownPlugin, refuseInactive } from './known-plugin.ts'
import { mediate } from './mediated.ts'
import type { PluginTable } from './plugin-table.ts'
import { actorOf, type HostPrincipal } from './principal.ts'
import type { PluginRecord } from './records.ts'
import { endpointOf, remoteRequest } from './remote-request.ts'
import type { Running } from './running.ts'
import type { Tokens } from './tokens.ts'
import { jsonOf, type Upstream } from './upstream.ts'

export type GatewayPorts = {
  world: World
  table: PluginTable
  audit: Audit
  authority: Authority
  contracts: Contracts
  running: Running
  health: Health
  tokens: Tokens
  upstream: Upstream
  keepCall: KeepCall
}

export type Call = {
  caller: HostPrincipal
  target: string
  operation: string
  input: Json
  traceId: string
  signal: AbortSignal
  /** The id of the run as which the call is kept; without, only the audit ledger tells of it. */
  run?: string | undefined
}

/** One operation call from a caller to a plugin: who may, whether the input fits, where it goes, whether the answer fits. */
export const callOperation = (ports: GatewayPorts, call: Call): Promise<Json> =>
  mediated(ports, call, (admitted) => wholeAnswer(ports, call, admitted))

function mediated<Answer>(
  ports: GatewayPorts,
  call: Call,
  answered: (admitted: Admitted) => Promise<Answer>,
): Promise<Answer> {
  const target = `${call.target}/${call.operation}`
  const asked = { lane: 'operator' as const, actor: actorOf(call.caller), target, traceId: call.traceId }
  return mediate(
    ports,
    call.caller.kind === 'plugin' ? { ...asked, capability: `operator:call:${target}` } : asked,
    () => admit(ports, call),
    async (admitted) => {
      await keep(ports, call, admitted)
      return answered(admitted)
    },
  )
}

async function keep(ports: GatewayPorts, call: Call, { target, operation }: Admitted): Promise<void> {
  if (call.run === undefined) return
  const { description } = target
  const level = description.runtime.kind === 'remote' ? 'remote' : (await processOf(ports, target)).level
  await ports.keepCall({ runId: call.run, traceId: call.traceId, description, operation, level })
}

/** The same, with the parts of the answer as they come: an answer that is no list is one part. */
export const streamOperation = (ports: GatewayPorts, call: Call, take: Take): Promise<void> =>
  mediated(ports, call, (admitted) => giveParts(ports, call, admitted, take))

async function giveParts(ports: GatewayPorts, call: Call, admitted: Admitted, take: Take): Promise<void> {
  const { target, operation } = admitted
  let count = 0
  const takeChecked: Take = async (part) => {
    ports.contracts.checkPart(target.id, operation, { part, at: count })
    count += 1
    await take(part)
  }
  const answer = await inParts(ports, call, admitted, takeChecked)
  if (answer === undefined) return
  ports.contracts.checkOutput(target.id, operation, answer)
  for (const part of Array.isArray(answer) ? answer : [answer]) await take(part)
}

/** Undefined when the answer came in parts. */
async function inParts(
  ports: GatewayPorts,
  call: Call,
  { target, operation }: Admitted,
  take: Take,
): Promise<Json | undefined> {
  if (target.description.runtime.kind === 'remote') return callRemote(ports, call, target, operation)
  const process = await processOf(ports, target)
  return (await process.stream(operation.name, call.input, { ...optionsOf(call, operation), take })).answer
}

type Admitted = { target: PluginRecord; operation: Operation }

/** Throws why a call is not let through. An administrator needs no capability: `admin` passes every trait. */
async function admit(ports: GatewayPorts, call: Call): Promise<Admitted> {
  const caller = call.caller.kind === 'plugin' ? activeCaller(ports, call.caller.id) : undefined
  const target = knownPlugin(ports.table, call.target)
  const operation = operationOf(target.description, call.operation)
  refuseInactive(target)
  if (caller !== undefined) refuseUnauthorised(ports.authority, caller, target, call.operation)
  refuseMissingGrants(ports.authority, target.description, operation)
  ports.contracts.checkInput(target.id, operation, call.input)
  return { target, operation }
}

async function wholeAnswer(ports: GatewayPorts, call: Call, { target, operation }: Admitted): Promise<Json> {
  const isRemote = target.description.runtime.kind === 'remote'
  const output = await (isRemote ? callRemote : callContained)(ports, call, target, operation)
  ports.contracts.checkOutput(target.id, operation, output)
  return output
}

function operationOf(description: Description, name: string): Operation {
  const operation = description.operations?.find((candidate) => candidate.name === name)
  if (operation !== undefined) return operation
  const path = endpointOf(description, name) ?? endpointOf(description, name.replaceAll('_', '-'))
  if (path !== undefined) return { name, summary: name, input: true, output: true, endpoint: { method: 'POST', path } }
  throw new TenonError('OPERATION_UNKNOWN', `"${description.id}" has no operation "${name}"`, {
    hint: `It has: ${(description.operations ?? []).map((candidate) => candidate.name).join(', ') || 'none'}.`,
  })
}

export function refuseUnauthorised(
  authority: Authority,
  caller: PluginRecord,
  target: PluginRecord,
  operation: string,
): void {
  authority.insist(caller.description, { action: 'operator:call', target: `${target.id}/${operation}` })
  refuseUnqualified(caller.description, target.description)
}

export function refuseUnqualified(caller: Description, target: Description): void {
  const kind = personalDataOf(target).find((held) => !mayHandle(caller, held))
  if (kind !== undefined)
    throw new TenonError(
      'PERMISSION_DENIED',
      `"${target.id}" holds ${kind} data, and "${caller.id}" lacks the trait handles_${kind}`,
    )
}

function refuseMissingGrants(authority: Authority, target: Description, operation: Operation): void {
  const asked = authority.asked(target)
  for (const text of operation.requires ?? []) {
    const capability = asked.find((candidate) => printCapability(candidate) === text)
    if (capability !== undefined && authority.isAllowed(target, capability)) continue
    throw new TenonError(
      'PERMISSION_DENIED',
      `${target.id}/${operation.name} needs ${text}, which is not granted to "${target.id}"`,
      { details: { capability: text } },
    )
  }
}

async function callContained(
  ports: GatewayPorts,
  call: Call,
  target: PluginRecord,
  operation: Operation,
): Promise<Json> {
  const process = await processOf(ports, target)
  return process.call(operation.name, call.input, optionsOf(call, operation))
}

async function processOf({ running }: GatewayPorts, target: PluginRecord): Promise<PluginProcess> {
  if (target.description.runtime.kind !== 'node')
    throw new TenonError(
      'OPERATION_UNKNOWN',
      `"${target.id}" is of kind ${target.description.runtime.kind} and answers no calls`,
    )
  return running.process(target.id)
}

const optionsOf = ({ traceId, signal }: Call, { timeoutMs }: Operation): CallOptions => ({
  traceId,
  signal,
  ...(timeoutMs === undefined ? {} : { deadlineMs: timeoutMs }),
})

async function callRemote(ports: GatewayPorts, call: Call, target: PluginRecord, operation: Operation): Promise<Json> {
  const { method, path, body } = remoteRequest(operation, call.input)
  const answered = await ports.upstream({
    url: `${addressOf(target)}${path}`,
    method,
    headers: { ...(await forwardHeaders(ports, call, target.id)), 'content-type': 'application/json' },
    body,
    signal: call.signal,
  })
  const output = jsonOf(answered)
  if (answered.status >= 200 && answered.status < 300) return output
  throw new TenonError('OPERATION_FAILED', `${target.id}/${operation.name} answered ${answered.status}`, {
    details: { status: answered.status },
  })
}

/**
 * The caller's own token never travels on: the target gets a short-lived one that names the caller. No plugin id holds
 * a colon, so no plugin passes for an administrator.
 */
export async function forwardHeaders(
  { table, tokens }: Pick<GatewayPorts, 'table' | 'tokens'>,
  { caller, traceId }: Pick<Call, 'caller' | 'traceId'>,
  target: string,
): Promise<Record<string, string>> {
  const isPlugin = caller.kind === 'plugin'
  const traits = isPlugin ? (table.get(caller.id)?.description.traits ?? []) : caller.traits
  const token = await tokens.forForwarding(isPlugin ? caller.id : actorOf(caller), target, traits)
  return {
    authorization: `Bearer ${token}`,
    'x-trace-id': traceId,
    ...(isPlugin ? { 'x-caller-plugin': caller.id } : {}),
  }
}
