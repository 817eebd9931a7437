import {
  TenonError,
  type Audit,
  type Description,
  type Json,
  type JsonObject,
  type Operation,
  type World,
} from '@tenon/contract'
import type { Authority } from './authority.ts'
import type { OperationContracts } from './contracts.ts'
import { addressOf } from './plugin-address.ts'
import type { Health } from './health.ts'
import { knownPlugin } from './lifecycle.ts'
import type { PluginTable } from './plugin-table.ts'
import { actorOf, type HostPrincipal } from './principal.ts'
import type { PluginRecord } from './records.ts'
import type { Running } from './running.ts'
import type { Tokens } from './tokens.ts'
import { jsonOf, type Upstream } from './upstream.ts'

export type GatewayPorts = {
  world: World
  table: PluginTable
  audit: Audit
  authority: Authority
  contracts: OperationContracts
  running: Running
  health: Health
  tokens: Tokens
  upstream: Upstream
}

export type Call = {
  caller: HostPrincipal
  target: string
  operation: string
  input: Json
  traceId: string
  signal: AbortSignal
}

/**
 * One operation call from a caller to a plugin: who may, whether the input fits, where it goes, whether the answer fits.
 * Every outcome is one audit entry.
 */
export async function callOperation(ports: GatewayPorts, call: Call): Promise<Json> {
  const began = ports.world.monotonic()
  const entry = {
    actor: actorOf(call.caller),
    action: 'operator.call',
    target: `${call.target}/${call.operation}`,
    traceId: call.traceId,
  }
  try {
    const output = await mediated(ports, call)
    await ports.audit.record({
      ...entry,
      ...capabilityOf(call),
      decision: 'allow',
      reason: 'answered',
      details: { durationMs: Math.round(ports.world.monotonic() - began) },
    })
    return output
  } catch (thrown) {
    const reason = thrown instanceof TenonError ? thrown.code : 'INTERNAL'
    await ports.audit.record({
      ...entry,
      ...capabilityOf(call),
      decision: 'deny',
      reason,
      details: { durationMs: Math.round(ports.world.monotonic() - began) },
    })
    throw thrown
  }
}

const capabilityOf = ({ caller, target, operation }: Call): { capability?: string } =>
  caller.kind === 'plugin' ? { capability: `operator:call:${target}/${operation}` } : {}

async function mediated(ports: GatewayPorts, call: Call): Promise<Json> {
  const caller = call.caller.kind === 'plugin' ? activeCaller(ports, call.caller.id) : undefined
  const target = knownPlugin(ports.table, call.target)
  const operation = operationOf(target.description, call.operation)
  refuseInactive(target)
  if (caller !== undefined) refuseUnauthorised(ports, caller, target, call.operation)
  refuseMissingGrants(ports.authority, target.description, operation)
  ports.contracts.checkInput(target.id, operation, call.input)
  const output =
    target.description.runtime.kind === 'remote'
      ? await callRemote(ports, call, target, operation)
      : await callContained(ports, call, target, operation)
  ports.contracts.checkOutput(target.id, operation, output)
  return output
}

/** A plugin that is not active or not well calls nobody. */
export function activeCaller({ table, health }: Pick<GatewayPorts, 'table' | 'health'>, id: string): PluginRecord {
  const record = knownPlugin(table, id)
  if (record.status !== 'active')
    throw new TenonError('PERMISSION_DENIED', `"${id}" is ${record.status} and may not call`, {
      hint: 'An administrator enables it.',
    })
  if (health.of(id).status === 'unhealthy')
    throw new TenonError('PLUGIN_UNHEALTHY', `"${id}" is unhealthy and may not call`)
  return record
}

function operationOf(description: Description, name: string): Operation {
  const operation = description.operations?.find((candidate) => candidate.name === name)
  if (operation !== undefined) return operation
  const endpoints = description.runtime.kind === 'remote' ? description.runtime.endpoints : {}
  const path = endpoints[name] ?? endpoints[name.replaceAll('_', '-')]
  if (path !== undefined) return { name, summary: name, input: true, output: true, endpoint: { method: 'POST', path } }
  throw new TenonError('OPERATION_UNKNOWN', `"${description.id}" has no operation "${name}"`, {
    hint: `It has: ${(description.operations ?? []).map((candidate) => candidate.name).join(', ') || 'none'}.`,
  })
}

export function refuseInactive({ id, status }: PluginRecord): void {
  if (status !== 'active')
    throw new TenonError('PLUGIN_DISABLED', `"${id}" is ${status}`, { hint: 'An administrator enables it.' })
}

function refuseUnauthorised(
  { authority }: GatewayPorts,
  caller: PluginRecord,
  target: PluginRecord,
  operation: string,
): void {
  const capability = { action: 'operator:call', target: `${target.id}/${operation}` }
  if (!authority.isAllowed(caller.description, capability))
    throw new TenonError('PERMISSION_DENIED', `operator:call:${capability.target} is not allowed for "${caller.id}"`, {
      hint: `Ask for "operator:call:${capability.target}" in permissions of plugin.spec.json and have it granted.`,
      details: { capability: `operator:call:${capability.target}` },
    })
  refuseUnqualified(caller.description, target.description)
}

/** Data of persons goes only to plugins that say they handle it. */
export function refuseUnqualified(caller: Description, target: Description): void {
  for (const kind of ['pii', 'phi'] as const) {
    const holds = target.security?.dataClassification.includes(kind) === true
    if (holds && caller.traits?.includes(`handles_${kind}`) !== true)
      throw new TenonError(
        'PERMISSION_DENIED',
        `"${target.id}" holds ${kind} data, and "${caller.id}" lacks the trait handles_${kind}`,
      )
  }
}

function refuseMissingGrants(authority: Authority, target: Description, operation: Operation): void {
  const asked = authority.asked(target)
  for (const text of operation.requires ?? []) {
    const capability = asked.find(
      (candidate) => [candidate.action, candidate.target].filter((part) => part !== undefined).join(':') === text,
    )
    if (capability !== undefined && authority.isAllowed(target, capability)) continue
    throw new TenonError(
      'PERMISSION_DENIED',
      `${target.id}/${operation.name} needs ${text}, which is not granted to "${target.id}"`,
      { details: { capability: text } },
    )
  }
}

async function callContained(
  { running }: GatewayPorts,
  call: Call,
  target: PluginRecord,
  operation: Operation,
): Promise<Json> {
  if (target.description.runtime.kind !== 'node')
    throw new TenonError(
      'OPERATION_UNKNOWN',
      `"${target.id}" is of kind ${target.description.runtime.kind} and answers no calls`,
    )
  const process = await running.process(target.id)
  return process.call(operation.name, call.input, {
    traceId: call.traceId,
    signal: call.signal,
    ...(operation.timeoutMs === undefined ? {} : { deadlineMs: operation.timeoutMs }),
  })
}

async function callRemote(ports: GatewayPorts, call: Call, target: PluginRecord, operation: Operation): Promise<Json> {
  const { method = 'POST', path = '/' } = operation.endpoint ?? {}
  const { filled, rest } = fillPath(path, call.input)
  const answer = await ports.upstream({
    url: `${addressOf(target)}${filled}`,
    method,
    headers: await forwardHeaders(ports, call, target.id),
    body: method === 'GET' || method === 'DELETE' ? undefined : JSON.stringify(rest),
    signal: call.signal,
  })
  const output = jsonOf(answer)
  if (answer.status < 400) return output
  throw new TenonError('OPERATION_FAILED', `${target.id}/${operation.name} answered ${answer.status}`, {
    details: { status: answer.status, ...problemOf(output) },
  })
}

const problemOf = (output: Json): JsonObject =>
  output !== null && typeof output === 'object' && !Array.isArray(output) && typeof output['detail'] === 'string'
    ? { detail: output['detail'] }
    : {}

/** Puts input fields into the `{name}` segments of a path; the others stay the body. */
function fillPath(path: string, input: Json): { filled: string; rest: Json } {
  if (input === null || typeof input !== 'object' || Array.isArray(input)) return { filled: path, rest: input }
  const rest = { ...input }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name]
    delete rest[name]
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new TenonError('INPUT_INVALID', `the path ${path} needs "${name}"`)
    return encodeURIComponent(String(value))
  })
  return { filled, rest }
}

/** The caller's own token never travels on: the target gets a short-lived one that names the caller. */
export async function forwardHeaders(
  { table, tokens }: Pick<GatewayPorts, 'table' | 'tokens'>,
  call: Pick<Call, 'caller' | 'traceId'>,
  target: string,
): Promise<Record<string, string>> {
  const caller = call.caller.kind === 'plugin' ? call.caller.id : call.caller.name
  const traits =
    call.caller.kind === 'plugin' ? (table.get(call.caller.id)?.description.traits ?? []) : call.caller.traits
  return {
    authorization: `Bearer ${await tokens.forForwarding(caller, target, traits)}`,
    'content-type': 'application/json',
    'x-caller-plugin': caller,
    'x-trace-id': call.traceId,
  }
}
