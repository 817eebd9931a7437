import { expect, test } from 'vitest'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { outside, type Outside } from './outside.ts'

const ASKED = 'net:connect:api.example.org:80'
const REACHING = `operations: {
  async reach({ url }) {
    try {
      const answer = await fetch(url)
      return { status: answer.status, body: await answer.text() }
    } catch (error) {
      return { failed: String(error.cause ?? error), hint: error.hint ?? '' }
    }
  } }`

/** A plugin that uses `fetch` as it is everywhere. */
async function withReaching(
  gate: Outside,
  granted = [ASKED],
): Promise<TestHost & { reach(url: string): Promise<unknown> }> {
  const installed = installedPlugins({
    id: 'reaching',
    source: REACHING,
    operations: { reach: { in: {}, out: {} } },
    asks: [ASKED],
    granted,
  })
  const host = await openTestHost({ installed, outside: gate })
  await host.sync()
  await host.enable('reaching')
  const reach = async (url: string) => (await host.admin('POST', '/gateway/reaching/reach', { url })).body
  return { ...host, reach }
}

const decisions = async (host: TestHost, action: string) =>
  (await host.audit({ action })).map(({ decision, capability, target }) => [decision, capability, target])

test('a library of its own reaches what was granted, and every connection is in the ledger', async () => {
  const gate = await outside((request, answer) => void answer.end(`seen ${request.url}`))
  const host = await withReaching(gate)
  expect(await host.reach('http://api.example.org/path?secret=1')).toEqual({ status: 200, body: 'seen /path?secret=1' })
  expect(gate.dialled).toEqual(['93.184.216.34:80'])
  expect(await decisions(host, 'proxy.admit')).toEqual([['allow', ASKED, 'api.example.org:80']])
  await host.host.running.stop('reaching')
  await expect.poll(() => decisions(host, 'proxy.tunnel')).toEqual([['allow', ASKED, 'api.example.org:80']])
  const [entry] = await host.audit({ action: 'proxy.tunnel' })
  expect(entry?.reason).toMatch(/^\d+ bytes went out, \d+ came back$/)
  expect(JSON.stringify(entry)).not.toContain('secret')
})

test('what was not granted is refused at the tunnel and recorded', async () => {
  const gate = await outside((_request, answer) => void answer.end())
  const host = await withReaching(gate)
  expect(await host.reach('http://other.example.org/')).toMatchObject({ failed: expect.any(String) })
  expect(gate.dialled).toEqual([])
  const other = 'other.example.org:80'
  expect(await decisions(host, 'proxy.tunnel')).toEqual([['deny', `net:connect:${other}`, other]])
})

test('where nothing was granted there is no tunnel, and fetch says what to ask for', async () => {
  const gate = await outside((_request, answer) => void answer.end())
  const host = await withReaching(gate, [])
  expect(await host.reach('http://api.example.org/')).toEqual({
    failed: expect.stringContaining('fetch reaches nothing from here'),
    hint: expect.stringContaining('net:connect:api.example.org'),
  })
})

test('a grant that is taken back ends the process, and its connections with it', async () => {
  const gate = await outside((_request, answer) => void answer.end('there'))
  const host = await withReaching(gate)
  expect(await host.reach('http://api.example.org/')).toMatchObject({ status: 200 })
  host.installed.grant('reaching', [])
  await host.sync()
  expect(await host.reach('http://api.example.org/')).toMatchObject({ failed: expect.any(String) })
  expect(host.starts()).toBe(2)
})
