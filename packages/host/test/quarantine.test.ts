import { join } from 'node:path'
import { expect, test } from 'vitest'
import { TenonError } from '@tenon/contract'
import { openDatabase } from '@tenon/database'
import { hostMigrations } from '@tenon/host'
import { temporaryFolder, wallWorld } from '@tenon/testkit'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'
import { eventually } from './waiting.ts'

const BROKEN: TestPlugin = {
  id: 'broken',
  source: `operations: { act: () => 1 }, start: () => { throw new Error('the key is hunter2') }`,
  operations: { act: { out: {} } },
}

const act = (host: TestHost) => host.admin('POST', '/gateway/broken/act', null)
const statusOf = async (host: TestHost) => (await host.admin('GET', '/plugins/broken')).body['status']
const quarantined = (host: TestHost) => eventually(async () => expect(await statusOf(host)).toBe('quarantined'))

async function enabled(options: TestHostOptions = {}): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(BROKEN), ...options })
  await host.sync()
  await host.enable('broken')
  return host
}

test('what does not start twice is shown quarantined with its reason, and recorded without its words', async () => {
  const host = await enabled()
  await host.refused(await act(host), 503, 'PLUGIN_START_FAILED')
  await quarantined(host)
  expect((await host.admin('GET', '/plugins/broken')).body).toMatchObject({
    statusReason: expect.stringContaining('hunter2'),
    health: 'unknown',
  })
  expect((await host.admin('GET', '/plugins')).body['plugins']).toMatchObject([{ status: 'quarantined' }])
  const entries = await host.audit({ target: 'broken' })
  expect(entries[0]).toMatchObject({ action: 'plugin.quarantine', actor: 'host', decision: 'deny' })
  expect(entries[0]?.reason).toBe('PLUGIN_START_FAILED')
  expect(JSON.stringify(entries)).not.toContain('hunter2')
  await host.refused(await act(host), 503, 'PLUGIN_DISABLED')
  expect(host.starts()).toBe(2)
})

test('quarantine outlives a restart of the host', async () => {
  const first = await enabled()
  await act(first)
  await quarantined(first)
  const folder = first.database.path.replace(/\/host\.db$/, '')
  await first.close()
  const second = await openTestHost({ folder, installed: installedPlugins(BROKEN) })
  await second.sync()
  expect(await statusOf(second)).toBe('quarantined')
})

test('an update leaves quarantine, and so does an administrator who enables the plugin', async () => {
  const host = await enabled()
  await act(host)
  await quarantined(host)
  host.installed.install({ ...BROKEN, source: 'operations: { act: () => 2 }', spec: { version: '1.0.1' } })
  await host.sync()
  expect((await host.admin('GET', '/plugins/broken')).body).not.toHaveProperty('statusReason')
  expect((await act(host)).text).toBe('2')
  host.installed.install({ ...BROKEN, spec: { version: '1.0.2' } })
  await host.sync()
  await act(host)
  await quarantined(host)
  await host.enable('broken')
  expect(await statusOf(host)).toBe('active')
  expect((await host.audit({ action: 'plugin.enable' })).map(({ reason }) => reason)).toEqual([
    'was quarantined',
    'was registered',
  ])
})

test('an update of a plugin that an administrator disabled leaves it so, with the reason', async () => {
  const host = await enabled()
  await host.admin('POST', '/admin/plugins/broken/disable?reason=odd')
  host.installed.install({ ...BROKEN, spec: { version: '1.0.1' } })
  await host.sync()
  expect((await host.admin('GET', '/plugins/broken')).body).toMatchObject({
    ...{ version: '1.0.1', status: 'disabled', statusReason: 'odd' },
  })
})

test('an event that a quarantined plugin did not take waits until it starts', async () => {
  const handles = { events: { handles: [{ type: 'plugin.other.said' }] } }
  const asks = ['event:subscribe:**', 'storage:kv']
  const deaf = { ...BROKEN, asks, granted: asks, spec: { version: '1.0.0', ...handles } }
  const host = await enabled({ installed: installedPlugins(deaf) })
  await host.bus.publish({
    ...{ id: '01J00000000000000000000000', type: 'plugin.other.said', version: 1, source: 'other', payload: 'hello' },
    ...{ at: '2026-01-01T00:00:00.000Z', traceId: 't', dataTraits: [], metadata: {} },
  })
  await quarantined(host)
  const source = `operations: {}, events: { 'plugin.other.said': ({ payload }, ctx) => ctx.kv.set('heard', payload) }`
  host.installed.install({ ...deaf, source, operations: {}, spec: { version: '1.0.1', ...handles } })
  await host.sync()
  const kept = host.storage.kv('broken', { quotaBytes: 1_000 })
  await eventually(async () => expect(await kept.get('heard')).toBe('hello'))
  expect(host.bus.deadLetters({ limit: 1 })).toEqual([])
})

test('what the machine refuses is no fault of the plugin: it is tried again by the next call', async () => {
  let refusals = 0
  const host = await enabled({
    launch: () => async () => {
      refusals += 1
      throw new TenonError('ISOLATION_UNAVAILABLE', 'no sandbox today')
    },
  })
  for (const times of [1, 2]) {
    await host.refused(await act(host), 503, 'ISOLATION_UNAVAILABLE')
    expect([refusals, await statusOf(host)]).toEqual([times, 'active'])
  }
})

test('a plugin that is disabled while its start fails is tried no more and stays disabled', async () => {
  const launched = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  let starts = 0
  const host = await enabled({
    launch: () => async () => {
      starts += 1
      launched.resolve()
      await go.promise
      throw new TenonError('PLUGIN_START_FAILED', 'no memory')
    },
  })
  const acting = act(host)
  await launched.promise
  const disabling = host.admin('POST', '/admin/plugins/broken/disable')
  await eventually(async () => expect(await statusOf(host)).toBe('disabled'))
  go.resolve()
  await host.refused(await acting, 503, 'PLUGIN_START_FAILED')
  expect((await disabling).status).toBe(200)
  await host.admin('POST', '/admin/plugins/broken/disable?reason=again')
  expect([starts, await statusOf(host)]).toEqual([1, 'disabled'])
  expect(await host.audit({ action: 'plugin.quarantine' })).toEqual([])
})

test('nobody is quarantined while that cannot be recorded; the log says so', async () => {
  let isWritable = true
  const host = await enabled({
    audit: (audit) => ({
      ...audit,
      record: async (entry) => {
        if (entry.action === 'plugin.quarantine' && !isWritable) throw new TenonError('AUDIT_UNAVAILABLE', 'full disk')
        await audit.record(entry)
      },
    }),
  })
  isWritable = false
  await act(host)
  await eventually(() => expect(host.logged).toContain('broken error: it is not quarantined: full disk'))
  expect(await statusOf(host)).toBe('active')
  isWritable = true
  await eventually(async () => {
    await act(host)
    expect(await statusOf(host)).toBe('quarantined')
  })
})

test('a register of before there was quarantine is taken over', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'host.db')
  const world = wallWorld()
  const old = openDatabase(path, { migrations: hostMigrations.slice(0, 2), world })
  const description = JSON.stringify({
    id: 'old',
    name: 'Old',
    version: '1.0.0',
    runtime: { kind: 'node', entry: 'a' },
  })
  const sql = "INSERT INTO host_plugins VALUES ('old', ?, 'registered', 'disabled', 'then', NULL, NULL, 'odd')"
  old.run(sql, description)
  old.close()
  const host = await openTestHost({ folder })
  expect(host.host.table.get('old')).toMatchObject({ status: 'disabled', statusReason: 'odd', registeredAt: 'then' })
})
