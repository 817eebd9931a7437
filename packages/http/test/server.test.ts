import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import Type from 'typebox'
import { isUlid, limits } from '@tenon/contract'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { bytes, routesFor, type Incoming } from '@tenon/http'
import { ask, askJson, codeOf, faceOf, newServer, serve, type Person } from './ask.ts'

const route = routesFor<Person>()
const answers = { 200: Type.Unknown() }
const loopback = { host: '127.0.0.1', port: 0 }

describe('every face', () => {
  test('tells that it is healthy, when and in which version', async () => {
    const answer = await ask(`${await serve(faceOf([]), { world: simulatedWorld(1) })}/health`)
    expect(answer.json()).toEqual({ status: 'healthy', timestamp: '2026-01-01T00:00:00.000Z', version: '1.2.3' })
  })

  test('counts its requests by pattern, not by address', async () => {
    const thing = route({
      method: 'GET',
      path: '/things/{id}',
      summary: 'Reads',
      admits: 'open',
      params: Type.Object({ id: Type.String() }),
      answers,
    }).handle(({ params }) => ({ status: 200, body: params.id }))
    const url = await serve(faceOf([thing]))
    for (const path of ['/things/a', '/things/b', '/secret-path']) await ask(url + path)
    const { text, headers } = await ask(`${url}/metrics`)
    expect(headers['content-type']).toContain('text/plain')
    expect(text).toContain('tenon_http_requests_total{method="GET",route="/things/:id",status="200"} 2')
    expect(text).toContain('tenon_http_requests_total{method="GET",route="unmatched",status="404"} 1')
    expect(text).toContain('tenon_http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 2')
    expect(text).not.toContain('secret')
  })

  test('is complete under its own prefix when another shares the server', async () => {
    const here = route({ method: 'GET', path: '/here', summary: 'Here', admits: 'open', answers }).handle(() => ({
      status: 200,
      body: 'here',
    }))
    const server = newServer()
    server.mount('', faceOf([]))
    server.mount('/registry', { ...faceOf([here]), title: 'the registry' })
    const { url } = await server.listen(loopback)
    expect((await ask(`${url}/registry/here`)).json()).toBe('here')
    expect((await ask(`${url}/registry/health`)).status).toBe(200)
    expect((await ask(`${url}/here`)).status).toBe(404)
    const [outer, inner] = [await ask(`${url}/openapi.json`), await ask(`${url}/registry/openapi.json`)]
    expect(Object.keys(outer.json()['paths'] as object)).not.toContain('/here')
    expect(inner.json()).toMatchObject({ info: { title: 'the registry' }, servers: [{ url: '/registry' }] })
  })

  test('gives every answer a trace id: a good one that came, else a new one', async () => {
    const url = await serve(faceOf([]))
    const traceOf = async (headers: Record<string, string>, path = '/health') =>
      String((await ask(url + path, { headers })).headers['x-trace-id'])
    expect(await traceOf({ 'x-trace-id': 'abc-1' })).toBe('abc-1')
    expect(isUlid(await traceOf({}))).toBe(true)
    expect(isUlid(await traceOf({ 'x-trace-id': 'with space' }))).toBe(true)
    expect(isUlid(await traceOf({ host: 'evil.example' }))).toBe(true)
    expect(await traceOf({ 'x-trace-id': 'abc-1' }, '/%zz')).toBe('abc-1')
  })

  test('forbids sniffing, framing and leaking on every answer', async () => {
    const url = await serve(faceOf([]))
    for (const path of ['/health', '/nothing', '/%zz'])
      expect((await ask(url + path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
        'referrer-policy': 'no-referrer',
      })
  })
})

describe('ANY and the rest of a path', () => {
  const gateway = route({
    method: 'ANY',
    path: '/{role}/{onward*}',
    summary: 'Forwards',
    admits: 'open',
    params: Type.Object({ role: Type.String(), onward: Type.String() }),
    body: bytes('*/*', 10),
    answers: { 200: bytes('*/*') },
  }).handle(async ({ method, params, body }) => {
    const chunks = await Array.fromAsync(body)
    const text = `${method} ${params.role} ${params.onward} ${Buffer.concat(chunks).toString()}`
    return { status: 200, headers: { 'content-type': 'text/x-own' }, body: text }
  })

  test('reach the handler with whatever body came', async () => {
    const url = await serve(faceOf([gateway]))
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const sent = method === 'GET' ? {} : { body: 'raw', headers: { 'content-type': 'text/odd' } }
      const answer = await ask(`${url}/storage/a/b%20c`, { method, ...sent })
      expect(answer.text).toBe(`${method} storage a/b c ${method === 'GET' ? '' : 'raw'}`)
      expect(answer.headers['content-type']).toBe('text/x-own')
    }
  })

  test('hold bytes to the limit of the route, declared or not', async () => {
    const url = await serve(faceOf([gateway]))
    const long = { method: 'POST', body: 'x'.repeat(11) }
    expect(codeOf(await ask(`${url}/a/b`, long))).toBe('HTTP_BODY_TOO_LARGE')
    expect(codeOf(await ask(`${url}/a/b`, { ...long, headers: { 'transfer-encoding': 'chunked' } }))).toBe(
      'HTTP_BODY_TOO_LARGE',
    )
    const declared = { 'content-length': String(2 ** 40) }
    expect(codeOf(await ask(`${url}/a/b`, { method: 'POST', headers: declared, body: 'x' }))).toBe(
      'HTTP_BODY_TOO_LARGE',
    )
  })
})

describe('bytes', () => {
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

  test('are streamed in and out, and only of the declared type', async () => {
    const echo = route({
      method: 'PUT',
      path: '/echo',
      summary: 'Echoes',
      admits: 'open',
      body: bytes('application/gzip', 1_000_000),
      answers: { 200: bytes('application/gzip') },
    }).handle(({ body }) => ({ status: 200, body }))
    const url = await serve(faceOf([echo]))
    const body = 'x'.repeat(500_000)
    const answer = await ask(`${url}/echo`, { method: 'PUT', headers: { 'content-type': 'application/gzip' }, body })
    expect([answer.headers['content-type'], sha256(answer.text)]).toEqual(['application/gzip', sha256(body)])
    expect(codeOf(await askJson(`${url}/echo`, 1, 'PUT'))).toBe('HTTP_MEDIA_TYPE')
  })

  test('of a stream that is not sent are closed, too', async () => {
    const opened: Readable[] = []
    const file = route({
      method: 'GET',
      path: '/file',
      summary: 'File',
      admits: 'open',
      answers: { 200: bytes('application/gzip') },
    }).handle(() => {
      const body = Readable.from([Buffer.from('abc')])
      opened.push(body)
      return { status: 200, etag: 'abc', body }
    })
    const url = await serve(faceOf([file]))
    await ask(`${url}/file`, { headers: { 'if-none-match': '"abc"' } })
    await ask(`${url}/file`, { method: 'HEAD' })
    expect((await ask(`${url}/file`)).text).toBe('abc')
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true, true])
  })

  test('are not sent when the client has them, nor to HEAD, and their source is closed', async () => {
    let open = 0
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(3)
    }
    const opened = (): AsyncIterable<Uint8Array> => {
      open += 1
      const inner = source()
      return {
        [Symbol.asyncIterator]: () => ({
          next: () => inner.next(),
          return: async () => {
            open -= 1
            return { done: true, value: undefined }
          },
        }),
      }
    }
    const file = route({
      method: 'GET',
      path: '/file',
      summary: 'File',
      admits: 'open',
      answers: { 200: bytes('application/gzip') },
    }).handle(() => ({ status: 200, etag: 'abc', headers: { 'cache-control': 'immutable' }, body: opened() }))
    const url = await serve(faceOf([file]))
    const known = await ask(`${url}/file`, { headers: { 'if-none-match': '"old", W/"abc"' } })
    expect([known.status, known.text, known.headers['etag']]).toEqual([304, '', '"abc"'])
    expect((await ask(`${url}/file`, { method: 'HEAD' })).status).toBe(200)
    expect(open).toBe(0)
    const other = await ask(`${url}/file`, { headers: { 'if-none-match': '"old"' } })
    expect([other.status, other.text.length]).toEqual([200, 3])
  })
})

test('answers 304 to a GET whose entity tag still holds', async () => {
  const tagged = route({ method: 'GET', path: '/', summary: 'Tagged', admits: 'open', answers }).handle(() => ({
    status: 200,
    etag: 'v1',
    body: 'text',
  }))
  const url = await serve(faceOf([tagged]))
  expect((await ask(url)).headers['etag']).toBe('"v1"')
  for (const tag of ['"v1"', '*']) expect((await ask(url, { headers: { 'if-none-match': tag } })).status).toBe(304)
  expect((await ask(url, { headers: { 'if-none-match': '"v2"' } })).json()).toBe('text')
})

test('aborts the signal of a handler whose client goes away, and of no other', async () => {
  const seen: Incoming[] = []
  const started = Promise.withResolvers<void>()
  const aborted = Promise.withResolvers<unknown>()
  const slow = route({ method: 'GET', path: '/slow', summary: 'Slow', admits: 'open', answers }).handle(
    async (context) => {
      seen.push(context)
      context.signal.addEventListener('abort', () => aborted.resolve(context.signal.reason))
      started.resolve()
      await aborted.promise
      return { status: 200, body: null }
    },
  )
  const quick = route({ method: 'GET', path: '/quick', summary: 'Quick', admits: ['admin'], answers }).handle(
    (context) => {
      seen.push(context)
      return { status: 200, body: null }
    },
  )
  const url = await serve(faceOf([slow, quick]))
  await ask(`${url}/quick`, { headers: { authorization: 'Bearer admin' } })
  const leaving = request(`${url}/slow`).on('error', () => undefined)
  leaving.end()
  await started.promise
  leaving.destroy()
  expect(await aborted.promise).toMatchObject({ code: 'CALL_CANCELLED' })
  expect(seen.map(({ signal }) => signal.aborted)).toEqual([false, true])
})

describe('listening', () => {
  test('says PORT_TAKEN and how to get a free port', async () => {
    const first = newServer()
    const { port, url } = await first.listen(loopback)
    expect(url).toBe(`http://127.0.0.1:${port}`)
    await expect(newServer().listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      hint: expect.stringContaining('--port 0'),
    })
  })

  test('names an address that can be used from here', async () => {
    const [everywhere, six] = [newServer(), newServer()]
    expect((await everywhere.listen({ host: '0.0.0.0', port: 0 })).url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await six.listen({ host: '::1', port: 0 })).url).toMatch(/^http:\/\/\[::1\]:\d+$/)
    await expect(newServer().listen({ host: 'no.such.host.invalid', port: 0 })).rejects.not.toMatchObject({
      code: 'PORT_TAKEN',
    })
  })
})

describe('closing', () => {
  const held = () => {
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const hold = route({ method: 'GET', path: '/hold', summary: 'Holds', admits: 'open', answers }).handle(async () => {
      started.resolve()
      await release.promise
      return { status: 200, body: 'done' }
    })
    return { started: started.promise, release: release.resolve, face: faceOf([hold]) }
  }

  test('answers what has arrived', async () => {
    const { started, release, face } = held()
    const server = newServer()
    server.mount('', face)
    const { url } = await server.listen(loopback)
    const answer = ask(`${url}/hold`)
    await started
    const closed = server.close()
    release()
    expect((await answer).json()).toBe('done')
    await closed
    await expect(ask(`${url}/health`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('keeps no connection whose answer was still being ended when it began', async () => {
    const release = Promise.withResolvers<void>()
    const slow = route({
      method: 'GET',
      path: '/slow',
      summary: 'Ends late',
      admits: 'open',
      answers: { 200: bytes('text/plain') },
    }).handle(() => ({ status: 200, headers: { 'content-length': 3 }, body: endingLate(release.promise) }))
    // In this world the deadline never comes: only an ended connection lets the server close.
    const server = newServer({ world: simulatedWorld(1) })
    server.mount('', faceOf([slow]))
    const { url } = await server.listen(loopback)
    expect(await (await fetch(`${url}/slow`)).text()).toBe('abc')
    const closed = server.close()
    release.resolve()
    await closed
  })

  test('ends what does not finish in time', async () => {
    const { started, release, face } = held()
    const world = simulatedWorld(1)
    const server = newServer({ world })
    server.mount('', face)
    const { url } = await server.listen(loopback)
    const answer = ask(`${url}/hold`).catch((error: Error) => error.message)
    await started
    const closed = server.close()
    await world.advance(limits.httpDrainMs)
    expect(await answer).toBe('socket hang up')
    await closed
    release()
  })
})

describe('a folder of pages', () => {
  const served = async (): Promise<string> => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'ui', 'assets'), { recursive: true })
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(folder, 'ui', 'index.html'), '<!doctype html>the page')
    writeFileSync(join(folder, 'ui', '.hidden'), 'secret')
    writeFileSync(join(folder, 'ui', 'assets', 'main.js'), 'run()')
    const server = newServer()
    server.mount('', faceOf([]))
    server.serveFolder('/ui/', join(folder, 'ui'))
    return (await server.listen(loopback)).url
  }

  test('is served with a policy that runs only what lies beside the page', async () => {
    const url = await served()
    const script = await ask(`${url}/ui/assets/main.js`)
    expect([script.text, script.headers['content-type']]).toEqual(['run()', 'application/javascript; charset=utf-8'])
    const page = await ask(`${url}/ui/`)
    expect(page.text).toContain('the page')
    expect(page.headers['x-content-type-options']).toBe('nosniff')
    expect(page.headers['content-security-policy']).toContain("script-src 'self'")
    expect(page.headers['content-security-policy']).not.toContain('unsafe')
  })

  test('answers a place inside the application with its page', async () => {
    const url = await served()
    const place = await ask(`${url}/ui/plugins/notes?tab=1.2`)
    expect([place.status, place.text]).toEqual([200, '<!doctype html>the page'])
    expect(place.headers['content-security-policy']).toContain("script-src 'self'")
  })

  test.each(['/ui/assets/gone.js', '/ui/.hidden', '/ui/../secret.txt', '/ui/%2e%2e/secret.txt', '/ui/..%2fsecret.txt'])(
    'does not serve %s',
    async (path) => {
      const answer = await ask((await served()) + path)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toMatch(/^secret/)
      codeOf(answer)
    },
  )

  test('takes no other method', async () => {
    expect(codeOf(await ask(`${await served()}/ui/plugins`, { method: 'POST' }))).toBe('HTTP_ROUTE_UNKNOWN')
  })
})

describe('the log', () => {
  const fails = route({ method: 'GET', path: '/fail', summary: 'F', admits: 'open', answers }).handle(() => {
    throw new Error('the inner cause')
  })
  const logged = async (level: 'info' | 'error', path: string): Promise<string> => {
    const lines: string[] = []
    const log = { level, write: (line: string) => void lines.push(line) }
    const url = await serve(faceOf([fails]), { world: simulatedWorld(1), log })
    const headers = { authorization: 'Bearer s3cret', cookie: 'session=s3cret', 'x-trace-id': 'trace-9' }
    await ask(url + path, { headers })
    return lines.join('')
  }

  test('names method, path, status and trace, and never a header or query', async () => {
    const text = await logged('info', '/other?token=s3cret')
    for (const part of ['"method":"GET"', '"path":"/other"', '"status":404', 'trace-9', '"time":1767225600000'])
      expect(text).toContain(part)
    expect(text).not.toContain('s3cret')
  })

  test('holds the cause of a fault of ours', async () => {
    expect(await logged('error', '/fail')).toContain('the inner cause')
  })
})

/** All that was promised, and then for a while no end. */
async function* endingLate(end: Promise<void>): AsyncGenerator<Uint8Array> {
  yield Buffer.from('abc')
  await end
}
