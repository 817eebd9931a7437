import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ask, codeOf, faceOf, serve } from './ask.ts'

const portOf = (url: string): string => new URL(url).port

describe('the Host of a request', () => {
  test('may be loopback with the bound port', async () => {
    const url = await serve(faceOf([]))
    for (const name of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]'])
      expect((await ask(`${url}/health`, { headers: { host: `${name}:${portOf(url)}` } })).status).toBe(200)
  })

  test('may be a configured one, with its port or any', async () => {
    const url = await serve(faceOf([]), { hosts: ['tenon.example', 'other.example:99'] })
    for (const host of ['tenon.example', 'Tenon.Example:443', 'other.example:99'])
      expect((await ask(`${url}/health`, { headers: { host } })).status).toBe(200)
    expect(codeOf(await ask(`${url}/health`, { headers: { host: 'other.example' } }))).toBe('HTTP_HOST_REFUSED')
  })

  test.each(['evil.example', 'localhost', 'localhost:1', '127.0.0.1.evil.example', 'localhost.:1', '127.0.0.2'])(
    'may not be %j',
    async (host) => {
      const answer = await ask(`${await serve(faceOf([]))}/health`, { headers: { host } })
      expect([answer.status, codeOf(answer)]).toEqual([421, 'HTTP_HOST_REFUSED'])
    },
  )

  test.each(['', 'Host: \r\n'])('may not be missing or empty: %j', async (line) => {
    const { port } = new URL(await serve(faceOf([])))
    const socket = connect(Number(port), '127.0.0.1')
    socket.end(`GET /health HTTP/1.0\r\n${line}\r\n`)
    const chunks = await Array.fromAsync(socket as AsyncIterable<Buffer>)
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 421 /)
  })

  test('is judged on unknown routes too', async () => {
    const answer = await ask(`${await serve(faceOf([]))}/nothing`, { headers: { host: 'evil.example' } })
    expect(codeOf(answer)).toBe('HTTP_HOST_REFUSED')
  })
})

describe('the Origin of a request', () => {
  test('may be the server itself or a configured one', async () => {
    const options = { hosts: ['tenon.example'], origins: ['https://console.example'] }
    const url = await serve(faceOf([]), options)
    for (const origin of [url, `http://localhost:${portOf(url)}`, 'https://tenon.example', 'https://console.example'])
      expect((await ask(`${url}/health`, { headers: { origin } })).status).toBe(200)
  })

  test.each(['http://evil.example', 'http://localhost', 'http://localhost:1', 'null', 'https://console.example', 'x'])(
    'may not be %s',
    async (origin) => {
      const answer = await ask(`${await serve(faceOf([]))}/health`, { headers: { origin } })
      expect([answer.status, codeOf(answer)]).toEqual([403, 'HTTP_ORIGIN_REFUSED'])
    },
  )
})
