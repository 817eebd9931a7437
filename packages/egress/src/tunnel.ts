import { once } from 'node:events'
import { createServer, request as requestOver, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { pipeline, type Duplex } from 'node:stream'
import { asTenonError, limits, type TenonError } from '@tenon/contract'
import { openSocket, type Gate } from './gate.ts'
import { incomingHeaders, outgoingHeaders } from './header-hygiene.ts'
import { denied, hostOf, readTarget } from './target.ts'

/** What became of one connection that was asked for, in bytes. */
export type Passage = { host: string; port: number; refused?: TenonError; sentBytes: number; receivedBytes: number }

export type TunnelPorts = { gate: Gate; onPassage: (passage: Passage) => void }

/** How many connections may be open at a time, and how long one may carry nothing. */
export type TunnelBounds = { connectionsMax: number; idleMs: number }

const BOUNDS: TunnelBounds = { connectionsMax: limits.tunnelConnectionsMax, idleMs: limits.tunnelIdleMs }

export type Tunnel = { close(): Promise<void> }

/**
 * An HTTP proxy on a Unix socket, for libraries that can use one: CONNECT to any port, and plain requests to port 80. Every
 * connection passes the guard; what is refused is answered 403 with the reason.
 */
export async function openTunnel(
  path: string,
  ports: TunnelPorts,
  { connectionsMax, idleMs }: TunnelBounds = BOUNDS,
): Promise<Tunnel> {
  const closing = new AbortController()
  const server = createServer({ maxHeaderSize: limits.tunnelHeadBytes, headersTimeout: idleMs })
  server.maxConnections = connectionsMax
  const sockets = new Set<Socket>()
  const held = (socket: Socket): Socket => {
    sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)))
    return socket.setTimeout(idleMs, () => socket.destroy())
  }
  const open = async (host: string, port: number): Promise<Socket> =>
    held(await openSocket(host, port, ports.gate, closing.signal))
  server.on('connection', held)
  server.on('connect', (request, near, head) => void connected(request, near, head, open, ports.onPassage))
  server.on('request', (request, answer) => void forwarded(request, answer, open, ports.onPassage))
  server.listen(path)
  await once(server, 'listening')
  return { close: () => closed(server, sockets, closing) }
}

type Open = (host: string, port: number) => Promise<Socket>

async function closed(server: Server, sockets: ReadonlySet<Socket>, closing: AbortController): Promise<void> {
  closing.abort()
  server.close()
  for (const socket of sockets) socket.destroy()
  await once(server, 'close')
}

/** A tunnel to a host: what goes through it is between the two ends. */
async function connected(
  { url = '' }: IncomingMessage,
  near: Duplex,
  head: Buffer,
  open: Open,
  onPassage: TunnelPorts['onPassage'],
): Promise<void> {
  const [, name = '', digits = ''] = /^(.*):(\d{1,5})$/.exec(url) ?? []
  const port = Number(digits)
  try {
    if (port < 1 || port > 65_535) denied(url, 'it is no host with a port')
    const far = await open(hostOf(name), port)
    near.write('HTTP/1.1 200 Connection Established\r\n\r\n')
    far.write(head)
    far.on('close', () => onPassage(passageOf(name, port, far)))
    pipeline(near, far, near, () => far.destroy())
  } catch (thrown) {
    const refused = asTenonError(thrown)
    onPassage({ host: name || url, port, refused, sentBytes: 0, receivedBytes: 0 })
    near.end(
      `HTTP/1.1 ${statusOf(refused)}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${refused.message}\n`,
    )
  }
}

const passageOf = (host: string, port: number, { bytesWritten, bytesRead }: Socket): Passage => ({
  ...{ host, port },
  ...{ sentBytes: bytesWritten, receivedBytes: bytesRead },
})

const statusOf = ({ code }: TenonError): string => (code === 'EGRESS_DENIED' ? '403 Forbidden' : '502 Bad Gateway')

/** A request that names its host whole, as clients of a proxy do where there is no TLS. */
async function forwarded(
  request: IncomingMessage,
  answer: ServerResponse,
  open: Open,
  onPassage: TunnelPorts['onPassage'],
): Promise<void> {
  const { url = '', method } = request
  const host = URL.canParse(url) ? new URL(url).hostname : ''
  try {
    const target = readTarget(url)
    if (target.secure) denied(target.host, 'https:// goes through CONNECT')
    const headers = { ...outgoingHeaders(plainHeaders(request), [], target.host), host: target.host }
    const far = await open(target.host, target.port)
    far.on('close', () => onPassage(passageOf(target.host, target.port, far)))
    const over = requestOver({ method, path: target.path, headers, createConnection: () => far })
    pipeline(request, over, () => undefined)
    const [reply] = (await once(over, 'response')) as [IncomingMessage]
    answer.writeHead(reply.statusCode ?? 502, incomingHeaders(reply.headers))
    pipeline(reply, answer, () => far.destroy())
  } catch (thrown) {
    const refused = asTenonError(thrown)
    onPassage({ host, port: 80, refused, sentBytes: 0, receivedBytes: 0 })
    if (!answer.headersSent) answer.writeHead(refused.code === 'EGRESS_DENIED' ? 403 : 502, { connection: 'close' })
    answer.end(`${refused.message}\n`)
  }
}

const plainHeaders = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value ?? ''].flat().join(', ')]))
