import { once } from 'node:events'
import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import { openSocket, systemDial, systemLookup } from '@tenon/egress'
import { fetchBy, outside, outsideAt, PUBLIC, rawOutside, secureOutside } from './outside.ts'

const MIB = 1_048_576
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

const echo: RequestListener = async (request, answer) => {
  const chunks = await Array.fromAsync(request as AsyncIterable<Buffer>)
  answer.end(`${request.method} ${request.url} ${request.headers.host} ${Buffer.concat(chunks).toString()}`)
}

test('sends method, path, query and body to the host it was asked for', async () => {
  const out = await outside(echo)
  const url = 'http://OUTSIDE.example./a%20b?c=d#e'
  const answer = await fetchBy(out, { url, method: 'POST', body: Buffer.from('body') })
  expect(text(answer.body)).toBe('POST /a%20b?c=d outside.example body')
  expect([out.lookups, out.dials]).toEqual([['outside.example'], [`${PUBLIC}:80`]])
})

test('speaks TLS to the name, whatever address the socket goes to', async () => {
  const out = await secureOutside(echo)
  const answer = await fetchBy(out, { url: 'https://outside.example/' })
  expect(text(answer.body)).toBe('GET / outside.example ')
  expect(out.dials).toEqual([`${PUBLIC}:443`])
  expect((await fetchBy(out, { url: 'https://outside.example:8443/x' })).status).toBe(200)
  expect(out.dials).toEqual([`${PUBLIC}:443`, `${PUBLIC}:8443`])
})

test('does not talk to a server whose certificate is for another name', async () => {
  const out = await secureOutside(echo)
  await expect(fetchBy(out, { url: 'https://other.example/' })).rejects.toMatchObject({
    code: 'EGRESS_FAILED',
    message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
  })
})

test('drops from a request what names the way here, the connection or a secret', async () => {
  let seen: IncomingHttpHeaders = {}
  const out = await outside((request, answer) => {
    seen = request.headers
    answer.end()
  })
  const dropped = {
    Host: 'evil.example',
    Cookie: 'session=1',
    Connection: 'close, X-Named',
    'X-Named': '1',
    'Keep-Alive': '1',
    TE: 'trailers',
    Upgrade: 'websocket',
    Expect: '100-continue',
    'Content-Length': '99',
    'Transfer-Encoding': 'chunked',
    Forwarded: 'for=1',
    'X-Forwarded-For': '1',
    'X-Real-IP': '1',
    'Proxy-Authorization': '1',
    Authorization: 'Bearer plugin-token',
  }
  const headers = { ...dropped, Accept: 'text/plain', 'X-Api-Key': 'own' }
  await fetchBy(out, { headers }, { secrets: ['plugin-token'] })
  expect(seen).toEqual({ host: 'outside.example', connection: 'keep-alive', accept: 'text/plain', 'x-api-key': 'own' })
})

test('drops from an answer what sets state or belongs to the connection', async () => {
  const out = await outside((_request, answer) => {
    answer.writeHead(418, {
      'set-cookie': ['a=1', 'b=2'],
      server: 'secret/1',
      connection: 'close, x-named',
      'x-named': '1',
      'proxy-authenticate': 'Basic',
      'x-own': '1',
      link: ['a', 'b'],
    })
    answer.end('tea')
  })
  const { status, headers, body } = await fetchBy(out, {})
  expect([status, text(body)]).toEqual([418, 'tea'])
  const { date: _date, ...kept } = headers
  expect(kept).toEqual({ 'x-own': '1', link: ['a', 'b'] })
})

test('takes an answer up to the limit and not a byte more, declared or not', async () => {
  const sized =
    (bytes: number, declared: boolean): RequestListener =>
    (_request, answer) => {
      if (declared) answer.setHeader('content-length', bytes)
      answer.write(Buffer.alloc(bytes))
      answer.end()
    }
  const exact = await fetchBy(await outside(sized(limits.proxyResponseBytes, false)), {})
  expect(exact.body.length).toBe(10 * MIB)
  for (const declared of [true, false])
    await expect(fetchBy(await outside(sized(10 * MIB + 1, declared)), {})).rejects.toMatchObject({
      code: 'EGRESS_TOO_LARGE',
    })
})

test('sends a body of exactly the limit', async () => {
  const out = await outside(async (request, answer) => {
    let size = 0
    for await (const chunk of request as AsyncIterable<Buffer>) size += chunk.length
    answer.end(String(size))
  })
  const answer = await fetchBy(out, { method: 'PUT', body: new Uint8Array(limits.proxyRequestBytes) })
  expect(text(answer.body)).toBe(String(MIB))
})

test('gives up when the time is over: in resolution, connection, handshake, head and body', async () => {
  const never = new Promise<never>(() => undefined)
  const reached = Promise.withResolvers<void>()
  const silent = await rawOutside((socket) => {
    socket.resume()
    reached.resolve()
  })
  const dripping = await outside((_request, answer) => void answer.write('a'))
  const cases = [
    { out: { ...silent, gate: { ...silent.gate, lookup: () => never } } },
    {
      out: {
        ...silent,
        gate: { ...silent.gate, dial: async (_a: string, _p: number, signal: AbortSignal) => abortOf(signal) },
      },
    },
    { out: silent, url: 'https://outside.example/', ready: reached.promise },
    { out: silent },
    { out: dripping },
  ]
  for (const { out, url, ready } of cases) {
    const world = simulatedWorld(1)
    const failure = fetchBy(out, { timeoutMs: 1_000, ...(url === undefined ? {} : { url }) }, { world }).catch(
      (error) => error,
    )
    await ready
    await world.advance(1_000)
    expect(await failure).toMatchObject({ code: 'EGRESS_TIMEOUT', details: { host: 'outside.example' } })
  }
})

const abortOf = async (signal: AbortSignal): Promise<never> => {
  await once(signal, 'abort')
  throw signal.reason
}

test('ends when the caller gives up, before or during the request', async () => {
  const reached = Promise.withResolvers<void>()
  const out = await rawOutside(() => reached.resolve())
  const leaving = new AbortController()
  const failure = fetchBy(out, {}, { signal: leaving.signal }).catch((error) => error)
  await reached.promise
  leaving.abort()
  expect(await failure).toMatchObject({ code: 'CALL_CANCELLED' })
  const before = out.dials.length
  await expect(fetchBy(out, {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CALL_CANCELLED' })
  expect(out.dials.length).toBe(before)
})

test('says what failed: the name, the connection, the protocol', async () => {
  const unresolved = outsideAt(1, [])
  await expect(fetchBy(unresolved, {})).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
  const lost = Object.assign(new Error('lost'), { code: 'ENOTFOUND' })
  const gate = { ...unresolved.gate, lookup: () => Promise.reject(lost) }
  await expect(fetchBy({ ...unresolved, gate }, {})).rejects.toMatchObject({
    code: 'EGRESS_FAILED',
    message: expect.stringContaining('ENOTFOUND'),
  })
  await expect(fetchBy(outsideAt(1, [PUBLIC]), {})).rejects.toMatchObject({
    code: 'EGRESS_FAILED',
    message: expect.stringContaining('ECONNREFUSED'),
  })
  for (const onSocket of [
    (socket: import('node:net').Socket) => void socket.end('not http\r\n\r\n'),
    (socket: import('node:net').Socket) => void socket.destroy(),
  ])
    await expect(fetchBy(await rawOutside(onSocket), {})).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
})

test('does not connect again behind the guard when its one socket is lost', async () => {
  const out = await outside(echo)
  const dial: typeof out.gate.dial = async (...wanted) => (await out.gate.dial(...wanted)).destroy()
  await expect(fetchBy({ ...out, gate: { ...out.gate, dial } }, {})).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
  expect(out.dials).toHaveLength(1)
})

test('tries the next address when one does not answer', async () => {
  const out = await outside(echo, ['1.1.1.1', PUBLIC])
  const dial: typeof out.gate.dial = async (address, port, signal) => {
    if (address === '1.1.1.1') throw new Error('unreachable')
    return out.gate.dial(address, port, signal)
  }
  expect((await fetchBy({ ...out, gate: { ...out.gate, dial } }, {})).status).toBe(200)
})

test('the real gate refuses this machine by name and opens real sockets', async () => {
  const gate = { allowed: () => true, lookup: systemLookup, dial: systemDial }
  const { signal } = new AbortController()
  await expect(openSocket('localhost', 80, gate, signal)).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
  const out = await rawOutside((socket) => void socket.end('hello'))
  const socket = await systemDial('127.0.0.1', out.port, signal)
  expect((await Array.fromAsync(socket)).join('')).toBe('hello')
  await expect(systemDial('127.0.0.1', 1, signal)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
