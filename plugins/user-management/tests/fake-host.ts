import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type Seen = { path: string; authorization: string | undefined; enrolment: string | undefined; body: unknown }
type Answer = { status: number; body: object }

/** As much of a host as the plugin speaks with; it remembers what it was asked, and does what the test says. */
export async function fakeHost() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const seen: Seen[] = []
  const said = new EventEmitter()
  let tokens = 0
  let ids = 0
  const answers: Record<string, () => Answer> = {
    '/plugins/register': () => ({
      status: 200,
      body: { status: 'registered', plugin_id: 'user-management', token: `plugin-token-${++tokens}` },
    }),
    '/plugins/user-management/heartbeat': () => ({ status: 200, body: { status: 'ok' } }),
    '/.well-known/jwks.json': () => ({
      status: 200,
      body: {
        keys: [
          { kty: 'EC', kid: 'other' },
          { ...publicKey.export({ format: 'jwk' }), kid: 'host-1' },
        ],
      },
    }),
    '/gateway/id-mint/mint': () => ({
      status: 200,
      body: { kind: 'ulid', ids: [`01KAZM3Q4V8T2X6Y0C5R7B${String(++ids).padStart(4, '0')}`] },
    }),
    '/messaging/events': () => ({ status: 200, body: { event_id: 'e', status: 'published' } }),
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const { url: path = '', headers } = request
    const enrolment = headers['x-tenon-enrolment']?.toString()
    seen.push({
      path,
      authorization: headers.authorization,
      enrolment,
      body: text === '' ? undefined : JSON.parse(text),
    })
    const { status, body } = answers[path]?.() ?? { status: 404, body: {} }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    said.emit('asked')
  }
  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  const at = (path: string): Seen[] => seen.filter((one) => one.path === path)
  return {
    url,
    at,
    /** Changes what it answers to a path from now on. */
    answers,
    /** Resolves when a path was asked for that often. */
    asked: async (path: string, times = 1): Promise<void> => {
      while (at(path).length < times) await once(said, 'asked')
    },
    token: (change: object = {}, key: KeyObject = privateKey, header: object = { alg: 'EdDSA', kid: 'host-1' }) =>
      tokenOf(header, { aud: 'user-management', exp: Math.floor(Date.now() / 1000) + 60, ...change }, key),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export type FakeHost = Awaited<ReturnType<typeof fakeHost>>

function tokenOf(header: object, payload: object, key: KeyObject): string {
  const signed = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}
