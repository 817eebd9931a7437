import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { onTestFinished } from 'vitest'
import { wallWorld } from '@tenon/testkit'
import { guardedFetch, type Gate, type OutsideAnswer, type OutsideRequest, type Surroundings } from '@tenon/egress'
import { selfSigned } from './certificate.ts'

export const PUBLIC = '93.184.216.34'

/** The outside, on loopback: every vetted address leads to it. What was looked up and dialled is kept. */
export type Outside = { gate: Gate; lookups: string[]; dials: string[]; port: number }

export async function outside(answering: RequestListener, addresses: readonly string[] = [PUBLIC]): Promise<Outside> {
  return before(createServer(answering), addresses)
}

/** The same behind TLS, as `outside.example`, whose certificate is trusted until the test ends. */
export async function secureOutside(answering: RequestListener): Promise<Outside> {
  const certificate = selfSigned('outside.example')
  const known = getCACertificates('default')
  setDefaultCACertificates([...known, certificate.cert])
  onTestFinished(() => setDefaultCACertificates(known))
  return before(createTlsServer(certificate, answering), [PUBLIC])
}

/** An outside that speaks whatever it likes. */
export async function rawOutside(onSocket: (socket: Socket) => void): Promise<Outside> {
  return before(createTcpServer(onSocket), [PUBLIC])
}

async function before(server: ReturnType<typeof createTcpServer>, addresses: readonly string[]): Promise<Outside> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => undefined)))
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((done) => void server.close(done))
  })
  return outsideAt((server.address() as AddressInfo).port, addresses)
}

export function outsideAt(port: number, addresses: readonly string[]): Outside {
  const lookups: string[] = []
  const dials: string[] = []
  const gate: Gate = {
    allowed: () => true,
    lookup: async (host) => {
      lookups.push(host)
      return addresses
    },
    dial: async (address, wanted, signal) => {
      dials.push(`${address}:${wanted}`)
      signal.throwIfAborted()
      return new Promise((opened, failed) => {
        const socket = connect(port, '127.0.0.1', () => opened(socket))
        socket.once('error', failed)
      })
    },
  }
  return { gate, lookups, dials, port }
}

export const fetchBy = (
  { gate }: Outside,
  request: Partial<OutsideRequest>,
  around: Partial<Surroundings> = {},
): Promise<OutsideAnswer> =>
  guardedFetch(
    { url: 'http://outside.example/', method: 'GET', timeoutMs: 60_000, ...request },
    { gate, world: wallWorld(), ...around },
  )
