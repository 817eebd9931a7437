import { expect, onTestFinished, test } from 'vitest'
import { limits, type World } from '@tenon/contract'
import { simulatedWorld, type SimulatedWorld } from '@tenon/testkit'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'
import { joined, plainManifest, remotePlugin, type RemotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

/** Of no other timer's length. */
const INTERVAL_MS = 29_000

const CHECKED = plainManifest('checked', {
  endpoints: { act: '/act' },
  health_check: { type: 'http', path: '/health', interval: INTERVAL_MS / 1_000 },
})

type HealthRecord = { status: string; consecutiveFailures: number; lastCheck?: string }

type Polled = {
  host: TestHost
  world: SimulatedWorld
  healthOf: (id?: string) => Promise<HealthRecord>
  poll: () => Promise<void>
  stop: () => Promise<void>
}

/** A host that polls: a first time by itself, the next by each `poll` when all that is asked was asked. */
async function polling(prepare: (host: TestHost) => Promise<void>, options: TestHostOptions = {}): Promise<Polled> {
  const simulated = simulatedWorld(1)
  const stopping = new AbortController()
  let asked = 0
  const timer: World['timer'] = (ms, signal) => {
    if (ms === INTERVAL_MS) asked += 1
    return simulated.timer(ms, signal)
  }
  const world = { ...simulated, timer }
  const host = await openTestHost({ world, ...options })
  await prepare(host)
  const polled = host.host.health.run(stopping.signal)
  const stop = async (): Promise<void> => {
    stopping.abort()
    await polled
  }
  onTestFinished(stop)
  const healthOf = async (id = 'checked') =>
    (await host.admin('GET', `/plugins/${id}`)).body['healthRecord'] as HealthRecord
  let ended = 0
  const poll = async (): Promise<void> => {
    await eventually(() => expect(asked).toBeGreaterThan(ended))
    ended = asked
    await world.advance(INTERVAL_MS)
  }
  return { host, world, healthOf, stop, poll }
}

const changes = async (host: TestHost, target = 'checked') =>
  (await host.audit({ action: 'plugin.health', target })).map(({ reason }) => reason).toReversed()

test('one failure and two are degraded, three unhealthy, one success healthy; every change is recorded once', async () => {
  let status = 500
  const remote = await remotePlugin((_received, answer) => void answer.writeHead(status).end())
  const { host, healthOf, poll } = await polling(async (made) => void (await joined(made, CHECKED, remote)))
  for (const [failures, expected] of [
    [1, 'degraded'],
    [2, 'degraded'],
    [3, 'unhealthy'],
    [4, 'unhealthy'],
  ] as const) {
    await eventually(async () =>
      expect(await healthOf()).toMatchObject({
        consecutiveFailures: failures,
        status: expected,
        errorMessage: 'answered 500',
      }),
    )
    if (failures === 4) status = 200
    await poll()
  }
  await eventually(async () =>
    expect(await healthOf()).toEqual({
      status: 'healthy',
      consecutiveFailures: 0,
      lastCheck: expect.any(String),
      responseTimeMs: expect.any(Number),
    }),
  )
  const all = ['unknown → degraded', 'degraded → unhealthy', 'unhealthy → healthy']
  await eventually(async () => expect(await changes(host)).toEqual(all))
  expect(remote.received[0]).toMatchObject({ method: 'GET', path: '/health' })
  expect(remote.received[0]?.headers).not.toHaveProperty('authorization')
})

test('heartbeats never lift what polling found, and may say worse', async () => {
  let status = 500
  const remote = await remotePlugin((_received, answer) => void answer.writeHead(status).end())
  let token = ''
  const { host, healthOf, poll } = await polling(async (made) => {
    token = await joined(made, CHECKED, remote)
  })
  const beat = async (health: string) => {
    expect((await host.as(token, 'POST', '/plugins/checked/heartbeat', { health })).status).toBe(200)
    return (await healthOf()).status
  }
  await eventually(async () => expect((await healthOf()).status).toBe('degraded'))
  expect(await beat('healthy')).toBe('degraded')
  expect(await beat('unknown')).toBe('degraded')
  expect(await beat('unhealthy')).toBe('unhealthy')
  expect(await beat('degraded')).toBe('unhealthy')
  status = 200
  await poll()
  await eventually(async () =>
    expect(await healthOf()).toMatchObject({ status: 'healthy', lastHeartbeat: expect.any(String) }),
  )
  expect(await beat('degraded')).toBe('degraded')
  expect(await beat('healthy')).toBe('healthy')
})

test('a heartbeat takes the form of reference plugins and no other', async () => {
  const host = await openTestHost()
  const token = await joined(host, CHECKED)
  const beat = (body: unknown) => host.as(token, 'POST', '/plugins/checked/heartbeat', body)
  for (const body of [
    {},
    { health: 'healthy' },
    { health: {} },
    { health: { status: 'degraded' } },
    { status: 'active' },
  ])
    expect((await beat(body)).body).toEqual({ status: 'ok' })
  for (const body of [{ health: 'fine' }, { health: { status: 1 } }, { more: 1 }, []])
    expect((await beat(body)).body['code']).toBe('HTTP_INVALID')
  expect((await host.admin('GET', '/plugins/checked')).body['status']).toBe('active')
})

test('a probe that hangs fails after its own time', async () => {
  const remote = await remotePlugin(() => undefined)
  const check = { type: 'http', path: '/health', timeout: 2 }
  const { world, healthOf } = await polling(
    async (host) => void (await joined(host, { ...CHECKED, health_check: check }, remote)),
  )
  await eventually(() => expect(remote.received).toHaveLength(1))
  await world.advance(1_999)
  expect((await healthOf()).status).toBe('unknown')
  await world.advance(1)
  await eventually(async () =>
    expect(await healthOf()).toMatchObject({ status: 'degraded', errorMessage: 'did not answer within 2000 ms' }),
  )
})

test('the status that a manifest expects is well, a redirect is not followed, and nothing that answers is not', async () => {
  const moved = await remotePlugin(
    (_received, answer) => void answer.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  )
  const odd = plainManifest('odd', { contracts: ['OddPlugin'], health_check: { type: 'http', expected_code: 302 } })
  const gone = plainManifest('gone', { contracts: ['GonePlugin'], health_check: { type: 'http' } })
  const { healthOf } = await polling(async (host) => {
    await joined(host, CHECKED, moved)
    await joined(host, odd, moved)
    const lost = await remotePlugin()
    await joined(host, gone, lost)
    await lost.close()
  })
  await eventually(async () => expect(await healthOf('odd')).toMatchObject({ status: 'healthy' }))
  await eventually(async () =>
    expect(await healthOf()).toMatchObject({ status: 'degraded', errorMessage: 'answered 302' }),
  )
  await eventually(async () => expect(await healthOf('gone')).toMatchObject({ status: 'degraded' }))
})

test('only active plugins that can be asked are polled', async () => {
  const remote = await remotePlugin()
  const silent = plainManifest('silent', { contracts: ['SilentPlugin'] })
  const tcp = plainManifest('tcp', { contracts: ['TcpPlugin'], health_check: { type: 'tcp' } })
  const { host, world, healthOf } = await polling(async (made) => {
    await made.register(CHECKED)
    await made.admin('PUT', '/admin/plugins/checked/address', { address: remote.address })
    for (const manifest of [silent, tcp]) await joined(made, manifest, remote)
  })
  await world.advance(limits.healthIntervalMs)
  expect(remote.received).toEqual([])
  for (const id of ['checked', 'silent', 'tcp'])
    expect(await healthOf(id)).toEqual({ status: 'unknown', consecutiveFailures: 0 })
  await host.enable('checked')
  await eventually(async () => expect((await healthOf()).status).toBe('healthy'))
  await host.admin('POST', '/admin/plugins/checked/disable')
  expect(await healthOf()).toEqual({ status: 'unknown', consecutiveFailures: 0 })
  await world.advance(2 * limits.healthIntervalMs)
  expect(remote.received).toHaveLength(1)
  await host.enable('checked')
  await eventually(() => expect(remote.received).toHaveLength(2))
})

test('what a probe finds of a plugin that was disabled meanwhile is forgotten', async () => {
  let answerLater = (): void => undefined
  const remote = await remotePlugin((_received, answer) => void (answerLater = () => void answer.end()))
  const { host, world, healthOf } = await polling(async (made) => void (await joined(made, CHECKED, remote)))
  await eventually(() => expect(remote.received).toHaveLength(1))
  await host.admin('POST', '/admin/plugins/checked/disable')
  answerLater()
  await world.advance(2 * INTERVAL_MS)
  expect(await healthOf()).toEqual({ status: 'unknown', consecutiveFailures: 0 })
  expect(await changes(host)).toEqual([])
})

test.each([
  ['as its manifest says', 7, 7_000],
  ['never more often than each second', 0.001, limits.healthIntervalMinMs],
  ['never less often than each hour', 1_000_000, limits.healthIntervalMaxMs],
])('a plugin is asked %s', async (_, interval, waitMs) => {
  const remote = await remotePlugin()
  const waits: number[] = []
  const simulated = simulatedWorld(1)
  const timer: World['timer'] = (ms, signal) => {
    waits.push(ms)
    return simulated.timer(ms, signal)
  }
  const check = { type: 'http', path: '/health', interval }
  await polling(async (made) => void (await joined(made, { ...CHECKED, health_check: check }, remote)), {
    world: { ...simulated, timer },
  })
  await eventually(() => expect(waits).toContain(waitMs))
  await simulated.advance(waitMs - 1)
  expect(remote.received).toHaveLength(1)
  await simulated.advance(1)
  await eventually(() => expect(remote.received).toHaveLength(2))
})

test('a contained plugin is asked while it runs, and never started to be asked', async () => {
  const sick = {
    id: 'sick',
    source: `operations: { get: () => { ill = true } }, health: () => { if (ill) throw new Error('I am ill') } }); let ill = false; ({`,
  }
  const installed = installedPlugins({ ...sick, operations: { get: {} } })
  const { host, world, healthOf } = await polling(
    async (made) => {
      await made.sync()
      await made.enable('sick')
    },
    { installed },
  )
  await world.advance(limits.healthIntervalMs)
  expect([host.starts(), (await healthOf('sick')).status]).toEqual([0, 'unknown'])
  await host.admin('POST', '/gateway/sick/get', null)
  await eventually(async () => expect((await healthOf('sick')).lastCheck).toEqual(expect.any(String)))
  await eventually(async () => {
    await world.advance(limits.healthIntervalMs)
    expect(await healthOf('sick')).toMatchObject({ errorMessage: 'I am ill' })
  })
})

test('a ledger that cannot be written does not end the polling', async () => {
  const remote: RemotePlugin = await remotePlugin()
  let isBroken = false
  const { host, healthOf, poll, stop } = await polling(async (made) => void (await joined(made, CHECKED, remote)), {
    audit: (audit) => ({
      ...audit,
      record: (entry) =>
        isBroken && entry.action === 'plugin.health' ? Promise.reject(new Error('disk full')) : audit.record(entry),
    }),
  })
  await eventually(async () => expect((await healthOf()).status).toBe('healthy'))
  isBroken = true
  await remote.close()
  await poll()
  await eventually(() => expect(host.logged).toEqual(['checked error: disk full']))
  isBroken = false
  for (const failures of [2, 3]) {
    await poll()
    await eventually(async () => expect((await healthOf()).consecutiveFailures).toBe(failures))
  }
  await stop()
})
