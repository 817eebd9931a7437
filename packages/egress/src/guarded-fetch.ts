import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { limits, TenonError, type World } from '@tenon/contract'
import { Client, type Dispatcher } from 'undici'
import { openSocket, ready, type Gate } from './gate.ts'
import { incomingHeaders, outgoingHeaders, type Headers } from './header-hygiene.ts'
import { denied, readTarget, type Target } from './target.ts'

export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

export type OutsideRequest = {
  url: string
  method: string
  headers?: Readonly<Record<string, string>>
  body?: Uint8Array
  /** Between `limits.proxyMsMin` and `limits.proxyMsMax`. */
  timeoutMs: number
}
export type OutsideAnswer = { status: number; headers: Headers; body: Uint8Array }

export type Surroundings = {
  gate: Gate
  world: World
  /** The caller's own cancellation. */
  signal?: AbortSignal
  /** Values, such as the caller's token, that no header may carry outside. */
  secrets?: readonly string[]
}

/**
 * One request to the outside, by the guard. A redirect is an answer like any other: whoever follows it asks again.
 * Throws EGRESS_DENIED with `details { host, why }`, EGRESS_FAILED, EGRESS_TIMEOUT, EGRESS_TOO_LARGE or CALL_CANCELLED.
 */
export async function guardedFetch(request: OutsideRequest, around: Surroundings): Promise<OutsideAnswer> {
  const target = readTarget(request.url)
  const method = METHODS.find((known) => known === request.method)
  if (method === undefined) denied(target.host, `the method "${request.method}" is not one of ${METHODS.join(', ')}`)
  const headers = outgoingHeaders(request.headers ?? {}, around.secrets ?? [], target.host)
  if ((request.body?.length ?? 0) > limits.proxyRequestBytes)
    throw tooLarge(target.host, 'request', limits.proxyRequestBytes)
  if (!(request.timeoutMs >= limits.proxyMsMin && request.timeoutMs <= limits.proxyMsMax))
    denied(
      target.host,
      `a timeout of ${request.timeoutMs} ms is not between ${limits.proxyMsMin} and ${limits.proxyMsMax}`,
    )
  const message = { method, path: target.path, headers, body: request.body ?? null }
  return withinTime(request.timeoutMs, target.host, around, async (signal) =>
    exchange(target, message, await openTarget(target, around.gate, signal), signal),
  )
}

async function exchange(
  target: Target,
  message: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body'>,
  socket: Socket,
  signal: AbortSignal,
): Promise<OutsideAnswer> {
  const client = new Client(`${target.secure ? 'https' : 'http'}://${target.host}:${target.port}`, {
    // The only socket there is: a connection that is lost is not made again behind the guard. Answered later, since
    // undici does not go on with a request when its connector answers at once.
    connect: (_options, done) =>
      queueMicrotask(() => (socket.destroyed ? done(new Error('the connection was lost'), null) : done(null, socket))),
    maxResponseSize: limits.proxyResponseBytes,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  try {
    const answer = await client.request({ ...message, signal })
    const bytes = new Uint8Array(await answer.body.arrayBuffer())
    return { status: answer.statusCode, headers: incomingHeaders(answer.headers), body: bytes }
  } finally {
    await client.destroy()
  }
}

async function openTarget({ secure, host, port }: Target, gate: Gate, signal: AbortSignal): Promise<Socket> {
  const socket = await openSocket(host, port, gate, signal)
  if (!secure) return socket
  return ready(connectTls({ socket, servername: host, ALPNProtocols: ['http/1.1'] }), 'secureConnect', signal)
}

/** Ends the work when its time is up or the caller gives up, and says which it was. */
async function withinTime(
  timeoutMs: number,
  host: string,
  { world, signal }: Surroundings,
  work: (signal: AbortSignal) => Promise<OutsideAnswer>,
): Promise<OutsideAnswer> {
  const late = new AbortController()
  const settled = new AbortController()
  const ending = AbortSignal.any(signal === undefined ? [late.signal] : [late.signal, signal])
  world.timer(timeoutMs, settled.signal).then(
    () => late.abort(),
    () => undefined,
  )
  try {
    ending.throwIfAborted()
    return await work(ending)
  } catch (thrown) {
    if (late.signal.aborted)
      throw new TenonError('EGRESS_TIMEOUT', `"${host}" did not answer within ${timeoutMs} ms`, { details: { host } })
    if (signal?.aborted === true)
      throw new TenonError('CALL_CANCELLED', `the outside request to "${host}" was cancelled`, { details: { host } })
    throw egressError(thrown, host)
  } finally {
    settled.abort()
  }
}

function egressError(thrown: unknown, host: string): TenonError {
  if (thrown instanceof TenonError) return thrown
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown fault'
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return tooLarge(host, 'answer', limits.proxyResponseBytes)
  return new TenonError('EGRESS_FAILED', `the outside request to "${host}" failed: ${code}`, {
    details: { host },
    cause: thrown,
  })
}

const tooLarge = (host: string, what: string, bytes: number): TenonError =>
  new TenonError('EGRESS_TOO_LARGE', `the ${what} of "${host}" is longer than ${bytes} bytes`, { details: { host } })
