import { createServer, type RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Gate } from '@tenon/egress'

export type Outside = Pick<Gate, 'lookup' | 'dial'> & { dialled: string[]; headers: Record<string, unknown>[] }

/** The outside, on loopback: every name has a public address, and every dial leads here. */
export async function outside(answering: RequestListener, address = '93.184.216.34'): Promise<Outside> {
  const headers: Record<string, unknown>[] = []
  const dialled: string[] = []
  const server = createServer((request, answer) => {
    headers.push(request.headers)
    answering(request, answer)
  })
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const dial: Gate['dial'] = (wanted, wantedPort) => {
    dialled.push(`${wanted}:${wantedPort}`)
    return new Promise((opened, failed) => {
      const socket = connect(port, '127.0.0.1', () => opened(socket)).once('error', failed)
    })
  }
  return { lookup: async () => [address], dial, dialled, headers }
}
