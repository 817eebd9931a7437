import { limits, TenonError, type Audit, type Json, type JsonObject } from '@tenon/contract'
import type { OutsideAnswer, OutsideRequest } from '@tenon/egress'
import { recordingFailure, type Attempt } from './audited.ts'
import type { Authority } from './authority.ts'
import type { Health } from './health.ts'
import { activeCaller } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'

export type OutsideBounds = {
  /** Asked for the host and port that are really meant, before they are looked up. */
  allowed: (host: string, port: number) => Promise<boolean>
  /** Values that no header may carry outside. */
  secrets: readonly string[]
  signal: AbortSignal
}

/** Reaches the outside through the guard. */
export type Outside = (request: OutsideRequest, bounds: OutsideBounds) => Promise<OutsideAnswer>

export type ProxyPorts = {
  table: PluginTable
  health: Health
  audit: Audit
  authority: Authority
  outside: Outside
}

export type ProxyRequest = {
  caller: string
  /** The request as the plugin gave it. */
  given: JsonObject
  /** The token by which the caller showed who it is, if any: it stays inside. */
  secrets: readonly string[]
  traceId: string
  signal: AbortSignal
}

const URL_LENGTH_MAX = 8_192

/**
 * One outside request of a plugin. Where it may go is decided by its capabilities; that it may is on disk before the
 * first packet leaves, and every outcome is an audit entry.
 */
export async function proxyRequest(ports: ProxyPorts, request: ProxyRequest): Promise<JsonObject> {
  const { audit, authority } = ports
  const { caller, given, secrets, traceId, signal } = request
  let capability: string | undefined
  const attempt = (): Attempt => ({
    actor: `plugin:${caller}`,
    action: 'proxy.request',
    target: hostOf(given['url']),
    ...(capability === undefined ? {} : { capability }),
    traceId,
  })
  const answer = await recordingFailure(audit, attempt, async () => {
    const { description } = activeCaller(ports, caller)
    const allowed = async (host: string, port: number): Promise<boolean> => {
      capability = `net:connect:${host}:${port}`
      if (!authority.isAllowed(description, { action: 'net:connect', target: `${host}:${port}` })) return false
      await audit.record({ ...attempt(), action: 'proxy.admit', decision: 'allow', reason: 'allowed' })
      return true
    }
    return ports.outside(readRequest(given), { allowed, secrets, signal })
  })
  const { capability: _admitted, ...outcome } = attempt()
  await audit.record({ ...outcome, decision: 'allow', reason: `answered ${answer.status}` })
  return { status: answer.status, headers: answer.headers, body: Buffer.from(answer.body).toString('utf8') }
}

function textsIn(headers: Json): Record<string, string> {
  const texts = Object.entries(headers ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value]] : [],
  )
  if (texts.length === Object.keys(headers ?? {}).length) return Object.fromEntries(texts)
  throw new TenonError('HTTP_INVALID', 'headers must be an object of texts')
}

const hostOf = (url: Json | undefined): string =>
  typeof url === 'string' && url.length <= URL_LENGTH_MAX && URL.canParse(url) ? new URL(url).host : 'no URL'

function readRequest({
  url,
  method = 'GET',
  headers = {},
  body,
  timeoutMs = limits.proxyMs,
}: JsonObject): OutsideRequest {
  if (typeof url !== 'string' || typeof method !== 'string' || typeof timeoutMs !== 'number')
    throw new TenonError('HTTP_INVALID', 'url and method must be text, timeoutMs a number')
  if (url.length > URL_LENGTH_MAX) throw new TenonError('HTTP_INVALID', `the URL is longer than ${URL_LENGTH_MAX}`)
  return {
    url,
    method: method.toUpperCase(),
    headers: textsIn(headers),
    timeoutMs,
    ...(typeof body === 'string' ? { body: Buffer.from(body) } : {}),
  }
}
