import { limits, TenonError, type Audit, type Description, type Json, type JsonObject } from '@tenon/contract'
import type { OutsideAnswer, OutsideRequest } from '@tenon/egress'
import type { Authority } from './authority.ts'

/** Reaches the outside through the guard; `allowed` is asked for the host and port that are really meant. */
export type Outside = (
  request: OutsideRequest,
  allowed: (host: string, port: number) => boolean,
  signal: AbortSignal,
) => Promise<OutsideAnswer>

export type ProxyPorts = { audit: Audit; authority: Authority; outside: Outside }

/** One outside request of a plugin. Where it may go is decided by its capabilities, and every outcome is an audit entry. */
export async function proxyRequest(
  ports: ProxyPorts,
  plugin: Description,
  given: JsonObject,
  traceId: string,
  signal: AbortSignal,
): Promise<JsonObject> {
  const request = readRequest(given)
  let capability: string | undefined
  const allowed = (host: string, port: number): boolean => {
    capability = `net:connect:${host}:${port}`
    return ports.authority.isAllowed(plugin, { action: 'net:connect', target: `${host}:${port}` })
  }
  const record = (decision: 'allow' | 'deny', reason: string): Promise<void> =>
    ports.audit.record({
      actor: `plugin:${plugin.id}`,
      action: 'proxy.request',
      target: hostOf(request.url),
      ...(capability === undefined ? {} : { capability }),
      decision,
      reason,
      traceId,
      details: { method: request.method },
    })
  try {
    const answer = await ports.outside(request, allowed, signal)
    await record('allow', `answered ${answer.status}`)
    return {
      status: answer.status,
      headers: answer.headers as unknown as Json,
      body: Buffer.from(answer.body).toString('utf8'),
    }
  } catch (thrown) {
    await record('deny', thrown instanceof TenonError ? thrown.code : 'INTERNAL')
    throw thrown
  }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'no URL')

function readRequest({
  url,
  method = 'GET',
  headers = {},
  body,
  timeoutMs = limits.proxyMs,
}: JsonObject): OutsideRequest {
  if (typeof url !== 'string' || typeof method !== 'string' || typeof timeoutMs !== 'number')
    throw new TenonError('HTTP_INVALID', 'url and method must be text, timeoutMs a number')
  const texts = headers !== null && typeof headers === 'object' && !Array.isArray(headers) ? headers : {}
  return {
    url,
    method: method.toUpperCase(),
    headers: Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, String(value)])),
    timeoutMs,
    ...(typeof body === 'string' ? { body: Buffer.from(body) } : {}),
  }
}
