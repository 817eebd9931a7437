import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { takeOwnership } from '@tenon/database'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { listenAt } from '../src/compose/serve.ts'
import { serving, tenonIn } from './in-process.ts'

const VISITOR = {
  id: 'visitor',
  name: 'Visitor',
  version: '1.0.0',
  contracts: ['VisitorPlugin'],
  traits: ['audit_required'],
  endpoints: { hello: '/hello' },
  security: { authentication_required: true, data_classification: ['internal'] },
}

describe('a host that serves', () => {
  test('is worked with over HTTP, by whoever shows its token', async () => {
    const tenon = tenonIn(temporaryFolder())
    const host = await serving(tenon, ['host', 'serve'])
    const list = (env: Record<string, string>) => tenon(['plugin', 'list', '--json'], { env })
    expect((await list({ TENON_TOKEN: host.adminToken })).json()).toMatchObject({ plugins: [] })
    const none = await list({})
    expect([none.code, JSON.parse(none.stderr)]).toMatchObject([
      2,
      { code: 'TOKEN_INVALID', status: 401, hint: expect.stringContaining('Set TENON_TOKEN') },
    ])
    const wrong = await list({ TENON_TOKEN: 'wrong' })
    expect([wrong.code, JSON.parse(wrong.stderr).code]).toEqual([2, 'TOKEN_INVALID'])
    const second = await tenon(['host', 'serve', '--port', '0'])
    expect([second.code, second.stderr]).toEqual([3, expect.stringContaining(host.url)])
    expect(await host.stop()).toMatchObject({ code: 0, stderr: '' })
    expect((await list({})).code).toBe(0)
  })

  test('in a pipe keeps its token in a file that only its user can read, which commands then use', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const stopping = new AbortController()
    const printed: string[] = []
    const running = tenon(['host', 'serve', '--port', '0'], {
      signal: stopping.signal,
      onOut: (text) => printed.push(text),
    })
    const world = wallWorld()
    while (!printed.some((line) => line.startsWith('ready at'))) await world.timer(5)
    const file = join(home, '.local/share/tenon/admin-token')
    expect(printed).toEqual([`administrator token in ${file}\n`, expect.stringMatching(/^ready at http:/)])
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([
      0o600,
      expect.stringMatching(/^\S{43}\n$/),
    ])
    expect((await tenon(['plugin', 'list'])).code).toBe(0)
    stopping.abort('SIGINT')
    expect(await running).toMatchObject({ code: 0, stdout: expect.stringMatching(/stopped\n$/) })
  })

  test.each(['host', 'registry'])(
    '%s serve replaces a token that is lost, and the old one opens nothing',
    async (topic) => {
      const tenon = tenonIn(temporaryFolder())
      const opens = async (url: string, token: string): Promise<boolean> => {
        const path = topic === 'host' ? '/admin/audit' : '/publishers/acme/tokens'
        const method = topic === 'host' ? 'GET' : 'POST'
        return (await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } })).ok
      }
      const first = await serving(tenon, [topic, 'serve'])
      await first.stop()
      const again = await serving(tenon, [topic, 'serve'])
      expect([again.adminToken, await opens(again.url, first.adminToken)]).toEqual(['', true])
      await again.stop()
      const reset = await serving(tenon, [topic, 'serve', '--reset-admin-token'])
      expect(await opens(reset.url, first.adminToken)).toBe(false)
      expect(await opens(reset.url, reset.adminToken)).toBe(true)
    },
  )

  test('takes the file of the replaced token away when the new one is shown', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const signal = AbortSignal.abort('SIGTERM')
    const file = join(home, '.local/share/tenon/admin-token')
    await tenon(['host', 'serve', '--port', '0'], { signal })
    expect(existsSync(file)).toBe(true)
    await tenon(['host', 'serve', '--port', '0', '--reset-admin-token'], { signal, isTerminal: true })
    expect(existsSync(file)).toBe(false)
  })

  test('on a terminal shows its token once, and with --admin-token-file writes it there', async () => {
    const home = temporaryFolder()
    const stopped = AbortSignal.abort('SIGTERM')
    const shown = await tenonIn(home)(['host', 'serve', '--port', '0'], { isTerminal: true, signal: stopped })
    expect(shown.stdout).toMatch(/^administrator token, shown this once: \S{43}\nready at /)
    expect(existsSync(join(home, '.local/share/tenon/admin-token'))).toBe(false)
    const again = await tenonIn(home)(['host', 'serve', '--port', '0'], { isTerminal: true, signal: stopped })
    expect(again.stdout).toMatch(/^ready at .*\nstopped\n$/)
    const other = tenonIn(temporaryFolder())
    const kept = await other(['registry', 'serve', '--port', '0', '--admin-token-file', join(home, 'token')], {
      isTerminal: true,
      signal: stopped,
    })
    expect(kept.stdout).toMatch(new RegExp(`^administrator token in ${home}/token\nready at `))
    const json = await other(['host', 'serve', '--port', '0', '--json', '--admin-token-file', 'here'], {
      cwd: home,
      signal: stopped,
    })
    const [ready, end] = json.stdout.trim().split(/\n(?=\{\n)/)
    expect(JSON.parse(ready ?? '')).toEqual({
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      adminToken: readFileSync(join(home, 'here'), 'utf8').trim(),
    })
    expect(JSON.parse(end ?? '')).toMatchObject({ stopped: true })
  })

  test('listens where TENON_PORT or --port says, and a port that is taken is named', async () => {
    const home = temporaryFolder()
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const port = String((taken.address() as AddressInfo).port)
    const tenon = tenonIn(home)
    for (const words of [
      ['host', 'serve'],
      ['registry', 'serve'],
      ['up', '--once'],
    ]) {
      const refused = await tenon(words, { env: { TENON_PORT: port } })
      expect([words, refused.code, refused.stderr]).toEqual([
        words,
        2,
        expect.stringMatching(/PORT_TAKEN[\s\S]*--port 0/),
      ])
    }
    expect(readdirSync(join(home, '.local/share/tenon'))).not.toContain('admin-token')
    const served = await serving(tenon, ['host', 'serve', '--host', '127.0.0.1'], { env: { TENON_PORT: port } })
    expect(served.adminToken).toMatch(/^\S{43}$/)
  })

  test('changes its workspace one change after the other', async () => {
    const home = temporaryFolder()
    const { url, adminToken } = await serving(tenonIn(home), ['host', 'serve', '--data-dir', 'data'])
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    const ids = Array.from({ length: 12 }, (_, index) => `plugin-${index}`)
    const answers = await Promise.all(
      ids.map((id) => {
        const body = JSON.stringify({ grants: { [id]: ['storage:kv'] } })
        return fetch(`${url}/workspace/grants`, { method: 'PUT', headers, body })
      }),
    )
    expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200))
    const { grants } = JSON.parse(readFileSync(join(home, 'data/workspace/tenon.json'), 'utf8')) as { grants: object }
    expect(Object.keys(grants).sort()).toEqual(ids.toSorted())
  })

  test('opens its workspace, runs, map, ledger and storage to no plugin', async () => {
    const { url } = await serving(tenonIn(temporaryFolder()), ['host', 'serve'])
    const json = { 'content-type': 'application/json' }
    const body = JSON.stringify(VISITOR)
    const registered = await fetch(`${url}/plugins/register`, { method: 'POST', headers: json, body })
    const { token } = (await registered.json()) as { token: string }
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> }
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      /^\/(workspace|runs|map|ledger|admin\/storage)\b/.test(path)
        ? Object.keys(methods).map((method) => [method, path] as const)
        : [],
    )
    expect(routes.length).toBeGreaterThan(10)
    const headers = { ...json, authorization: `Bearer ${token}` }
    for (const [method, path] of routes) {
      const { status } = await fetch(url + path, {
        ...{ method: method.toUpperCase(), headers },
        ...(method === 'get' ? {} : { body: '{}' }),
      })
      expect([method, path, status]).toEqual([method, path, 401])
    }
  })

  test('runs over no folder that depends on where it was started', async () => {
    const { url, adminToken } = await serving(tenonIn(temporaryFolder()), ['host', 'serve'])
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    for (const name of ['dataset', 'out', 'work']) {
      const body = JSON.stringify({ plugin: 'x', dataset: '/d', out: '/o', [name]: 'relative' })
      const refused = await fetch(`${url}/runs`, { method: 'POST', headers, body })
      expect([name, refused.status, await refused.json()]).toMatchObject([name, 400, { code: 'HTTP_INVALID' }])
    }
  })

  test('wants, removes and grants to nobody whose id can be none', async () => {
    const { url, adminToken } = await serving(tenonIn(temporaryFolder()), ['host', 'serve'])
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' }
    const asked: [method: string, path: string, body: object][] = [
      ['PUT', '/workspace/grants', { grants: { '../x': ['storage:kv'] } }],
      ['POST', '/workspace/apply', { add: { 'a/b/c': '*' } }],
      ['POST', '/workspace/apply', { remove: ['../x'] }],
      ['POST', '/runs', { plugin: '../x', dataset: '/d', out: '/o' }],
    ]
    for (const [method, path, body] of asked) {
      const refused = await fetch(url + path, { method, headers, body: JSON.stringify(body) })
      expect([path, refused.status, await refused.json()]).toMatchObject([path, 400, { code: 'HTTP_INVALID' }])
    }
  })

  test('listens on loopback at 7420 unless it is told otherwise', () => {
    const world = wallWorld({ env: {} })
    expect(listenAt(world, {})).toEqual({ host: '127.0.0.1', port: 7420 })
    expect(listenAt(world, { host: '::', port: 0 })).toEqual({ host: '::', port: 0 })
  })

  test('asks for the enrolment secret of its environment', async () => {
    const tenon = tenonIn(temporaryFolder())
    const { url } = await serving(tenon, ['host', 'serve'], { env: { TENON_ENROLMENT_SECRET: 'open' } })
    const register = (secret: string) =>
      fetch(`${url}/plugins/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-tenon-enrolment': secret },
        body: '{}',
      })
    expect([(await register('wrong')).status, (await register('open')).status]).toEqual([401, 400])
  })
})

test('an owner that is not ready yet, or has gone without a word, is told from one that answers', async () => {
  const home = temporaryFolder()
  const owned = join(home, '.local/share/tenon')
  const tenon = tenonIn(home)
  const ownership = takeOwnership(owned, { world: wallWorld() })
  onTestFinished(() => ownership.release())
  const early = await tenon(['plugin', 'list'])
  expect([early.code, early.stderr]).toEqual([
    3,
    expect.stringMatching(/DATA_FOLDER_OWNED.*not ready yet\nhint: Try again/),
  ])
  const env = { TENON_TOKEN: 'x' }
  ownership.setUrl('http://127.0.0.1:1')
  const deaf = await tenon(['plugin', 'list'], { env })
  expect([deaf.code, deaf.stderr]).toEqual([
    2,
    expect.stringContaining('HOST_UNREACHABLE: http://127.0.0.1:1 does not answer'),
  ])
})

/** A server that says that it owns the folder `data`; gives its address. */
async function inPlaceOfHost(home: string, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  const ownership = takeOwnership(join(home, 'data'), { world: wallWorld() })
  onTestFinished(() => ownership.release())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  ownership.setUrl(url)
  return url
}

test('an answer in parts that ends before its end is no answer', async () => {
  const home = temporaryFolder()
  const url = await inPlaceOfHost(home, (_, response) => response.end('{"part":1}\n{"part":2}\n'))
  const called = ['call', 'notes', 'act', '--stream', '--data-dir', 'data']
  const { code, stdout, stderr } = await tenonIn(home)(called, { env: { TENON_TOKEN: 'x' } })
  expect([code, stdout]).toEqual([2, '1\n2\n'])
  expect(stderr).toBe(`error HOST_UNREACHABLE: ${url} ended its answer before the last part\n`)
})

test('what answers in the place of a host is not taken for one', async () => {
  const home = temporaryFolder()
  const answers: [status: number, body: string][] = [
    [200, '<html>'],
    [502, '<html>'],
    [502, '{"type":"x"}'],
    [400, JSON.stringify({ type: 'urn:tenon:error:OTHER', title: '', status: 400, detail: '', code: 'OTHER' })],
  ]
  const url = await inPlaceOfHost(home, (_, response) => {
    const [status, body] = answers.shift() ?? [500, '']
    response.writeHead(status).end(body)
  })
  const ask = () => tenonIn(home)(['plugin', 'list', '--data-dir', 'data'], { env: { TENON_TOKEN: 'x' } })
  for (const status of [200, 502, 502, 400]) {
    const { code, stderr } = await ask()
    expect([status, code, stderr]).toEqual([
      status,
      2,
      expect.stringContaining(`${url} answered ${status}, and not as Tenon does`),
    ])
  }
})

test('a command that is stopped while it waits ends as a signal ends it', async () => {
  const home = temporaryFolder()
  const asked = Promise.withResolvers<void>()
  await inPlaceOfHost(home, () => asked.resolve())
  for (const [name, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['a whim', 2],
  ] as const) {
    const stopping = new AbortController()
    const running = tenonIn(home)(['plugin', 'list', '--data-dir', 'data'], {
      env: { TENON_TOKEN: 'x' },
      signal: stopping.signal,
    })
    await asked.promise
    stopping.abort(name)
    expect(await running).toMatchObject({
      code: status,
      stderr: expect.stringContaining(`CALL_CANCELLED: stopped by ${name}`),
    })
  }
})

test('no token is ever printed, audited or kept in the clear', async () => {
  const home = temporaryFolder()
  const tenon = tenonIn(home)
  const host = await serving(tenon, ['host', 'serve', '--data-dir', 'data'])
  const registry = await serving(tenon, ['registry', 'serve', '--data-dir', 'registry'])
  const env = { TENON_TOKEN: host.adminToken }
  const wrong = 'a-token-that-is-wrong-0123456789'
  const outputs = [
    await tenon(['plugin', 'list', '--data-dir', 'data', '--json'], { env }),
    await tenon(['plugin', 'list', '--data-dir', 'data'], { env: { TENON_TOKEN: wrong } }),
    await tenon(['admin', 'audit', '--data-dir', 'data', '--json'], { env }),
    await tenon(['admin', 'publisher', 'acme', '--registry', registry.url], { env: { TENON_TOKEN: wrong } }),
  ]
  const made = await tenon(['admin', 'publisher', 'acme', '--registry', registry.url, '--json'], {
    env: { TENON_TOKEN: registry.adminToken },
  })
  await Promise.all([host.stop(), registry.stop()])
  const secrets = [host.adminToken, registry.adminToken, (made.json() as { token: string }).token, wrong]
  for (const { stdout, stderr } of outputs) for (const secret of secrets) expect(stdout + stderr).not.toContain(secret)
  for (const folder of ['data', 'registry'])
    for (const entry of readdirSync(join(home, folder), { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        for (const secret of secrets)
          expect([entry.name, readFileSync(join(entry.parentPath, entry.name)).includes(secret)]).toEqual([
            entry.name,
            false,
          ])
})

test('a fault of ours is answered without its words, and the log on standard error has them, steering nothing', async () => {
  const home = join(temporaryFolder(), 'a\u009b31m\u202e')
  mkdirSync(home)
  const tenon = tenonIn(home)
  writeFileSync(join(home, 'tenon.json'), '{ "version": 1 }')
  symlinkSync('.runs', join(home, '.runs'))
  const { code, stderr } = await tenon(['runs', 'list'])
  expect(code).toBe(70)
  expect(stderr).toMatch(
    /^\{"level":50,.*ELOOP.*\}\nerror INTERNAL: the request could not be handled\nhint: .* names trace /,
  )
  expect(stderr).toContain('a\\u009b31m\\u202e')
  expect(stderr).not.toMatch(/[^\P{C}\n]/u)
  const { stderr: log } = await tenon(['plugin', 'list'], { env: { TENON_LOG_LEVEL: 'info' } })
  expect(log).toContain('"path":"/plugins"')
})
