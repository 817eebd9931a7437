import { once } from 'node:events'
import { request as requestHttp, type RequestListener } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { connect as connectTls } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { openTunnel, type Gate, type Passage, type TunnelBounds } from '@tenon/egress'
import { outside, PUBLIC, rawOutside, secureOutside } from './outside.ts'

async function tunnelTo({ gate }: { gate: Gate }, changes: Partial<Gate> = {}, bounds?: TunnelBounds) {
  const path = join(temporaryFolder(), 'out.sock')
  const passages: Passage[] = []
  const ports = { gate: { ...gate, ...changes }, onPassage: (passage: Passage) => void passages.push(passage) }
  const tunnel = await openTunnel(path, ports, bounds)
  onTestFinished(() => tunnel.close().catch(() => undefined))
  return { path, passages, tunnel }
}

/** Asks for a tunnel, and gives the socket and the line that answered. */
async function connectThrough(path: string, target: string): Promise<{ socket: Socket; status: string }> {
  const socket = connect(path)
  socket.on('error', () => undefined)
  socket.write(`CONNECT ${target} HTTP/1.1\r\nhost: ${target}\r\n\r\n`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return { socket, status: answer.toString() }
}

/** A plain request, as a client of a proxy makes it. */
async function asked(socketPath: string, url: string, headers: Record<string, string> = {}, body = '') {
  const request = requestHttp({ socketPath, path: url, method: body === '' ? 'GET' : 'POST', headers })
  request.end(body)
  const [answer] = await once(request, 'response')
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
}

const echo: RequestListener = async (request, answer) => {
  answer.setHeader('set-cookie', 'a=b')
  answer.end(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${await text(request)}`)
}

test('CONNECT reaches a host that is allowed, end to end', async () => {
  const out = await secureOutside((_request, answer) => void answer.end('hello'))
  const { path, passages } = await tunnelTo(out)
  const { socket, status } = await connectThrough(path, 'outside.example:443')
  expect(status).toMatch(/^HTTP\/1\.1 200 /)
  const secure = connectTls({ socket, servername: 'outside.example' })
  secure.write('GET / HTTP/1.1\r\nhost: outside.example\r\nconnection: close\r\n\r\n')
  expect(await text(secure)).toContain('hello')
  expect([out.lookups, out.dials]).toEqual([['outside.example'], [`${PUBLIC}:443`]])
  await expect.poll(() => passages).toMatchObject([{ host: 'outside.example', port: 443 }])
  expect(passages[0]?.sentBytes).toBeGreaterThan(100)
  expect(passages[0]?.receivedBytes).toBeGreaterThan(100)
})

test.each([
  ['a name that nobody allowed', 'other.example:443', { allowed: () => false }, 'no capability'],
  ['an address', '10.0.0.1:443', {}, 'an address is not a name'],
  ['a name that leads inside', 'outside.example:443', { lookup: async () => ['169.254.169.254'] }, '169.254.169.254'],
  ['no port', 'outside.example', {}, 'no host with a port'],
  ['a port that is none', 'outside.example:0', {}, 'no host with a port'],
])('CONNECT to %s is refused, and opens no socket', async (_, target, changes, why) => {
  const out = await outside(echo)
  const { path, passages } = await tunnelTo(out, changes)
  const { status } = await connectThrough(path, target)
  expect(status).toMatch(/^HTTP\/1\.1 403 /)
  expect(out.dials).toEqual([])
  expect(passages).toMatchObject([{ refused: { code: 'EGRESS_DENIED', message: expect.stringContaining(why) } }])
})

test('a host that cannot be reached is 502', async () => {
  const out = await outside(echo)
  const { path } = await tunnelTo(out, { lookup: async () => [] })
  expect((await connectThrough(path, 'outside.example:443')).status).toMatch(/^HTTP\/1\.1 502 /)
  expect((await asked(path, 'http://outside.example/')).status).toBe(502)
})

test('a plain request goes to port 80 without what names the way, and its answer comes back without cookies', async () => {
  const out = await outside(echo)
  const { path, passages } = await tunnelTo(out)
  const headers = { 'proxy-authorization': 'x', cookie: 'c=d', 'x-own': 'kept', host: 'evil.example' }
  const answer = await asked(path, 'http://outside.example/a?b=c', headers, 'body')
  expect(answer).toMatchObject({ status: 200, body: expect.stringMatching(/^POST \/a\?b=c .* body$/) })
  expect(answer.headers).not.toHaveProperty('set-cookie')
  expect(answer.body).toContain('"host":"outside.example"')
  expect(answer.body).toContain('"x-own":"kept"')
  expect(answer.body).not.toMatch(/cookie|proxy-auth|evil/)
  await expect.poll(() => passages).toMatchObject([{ host: 'outside.example', port: 80 }])
})

test.each([
  ['https', 'https://outside.example/', 'CONNECT'],
  ['another port', 'http://outside.example:8080/', 'only port 80'],
  ['a path alone', '/health', 'no absolute URL'],
])('a plain request for %s is refused', async (_, url, why) => {
  const out = await outside(echo)
  const { path } = await tunnelTo(out)
  expect(await asked(path, url)).toMatchObject({ status: 403, body: expect.stringContaining(why) })
  expect(out.dials).toEqual([])
})

test('a far end that breaks off ends the request, and the near end that leaves frees the far one', async () => {
  const closed: string[] = []
  const out = await rawOutside((socket) => {
    socket.once('data', (data: Buffer) => (data.toString().startsWith('GET') ? socket.destroy() : undefined))
    socket.on('close', () => void closed.push('far'))
  })
  const { path } = await tunnelTo(out)
  expect((await asked(path, 'http://outside.example/')).status).toBe(502)
  const { socket } = await connectThrough(path, 'outside.example:443')
  socket.destroy()
  await expect.poll(() => closed).toEqual(['far', 'far'])
})

test('closing ends every connection', async () => {
  const out = await rawOutside(() => undefined)
  const { path, tunnel } = await tunnelTo(out)
  const { socket } = await connectThrough(path, 'outside.example:443')
  await tunnel.close()
  await expect.poll(() => socket.closed).toBe(true)
})

test('no more connections are open at a time than may be', async () => {
  const out = await outside(echo)
  const { path } = await tunnelTo(out, {}, { connectionsMax: 2, idleMs: 60_000 })
  for (const _ of [1, 2]) expect((await connectThrough(path, 'outside.example:80')).status).toMatch(/ 200 /)
  const third = connect(path)
  await once(third, 'close')
  expect(out.dials).toHaveLength(2)
})

test('a connection that carries nothing for a while is closed', async () => {
  const out = await outside(echo)
  const { path, passages } = await tunnelTo(out, {}, { connectionsMax: 2, idleMs: 100 })
  const { socket } = await connectThrough(path, 'outside.example:80')
  await once(socket, 'close')
  await expect.poll(() => passages).toMatchObject([{ host: 'outside.example', port: 80 }])
})
