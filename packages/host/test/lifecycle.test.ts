import { expect, test } from 'vitest'
import { TenonError } from '@tenon/contract'
import { openTestHost } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'
import { installedPlugins } from './installed-plugins.ts'
import { eventually } from './waiting.ts'

const ECHO = {
  id: 'echo',
  source: `operations: { say: (input) => input, slow: (_, ctx) => new Promise((resolve) => setTimeout(resolve, 60_000)) }`,
  operations: { say: { in: {}, out: {} }, slow: { in: {} } },
}

test('disable stops the process, closes both directions, and enable opens them again', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 503, 'PLUGIN_DISABLED')
  await host.enable('echo')
  expect((await host.admin('POST', '/gateway/echo/say', 1)).text).toBe('1')
  expect((await host.admin('GET', '/plugins/echo')).body).toMatchObject({ status: 'active', level: expect.any(String) })
  const answer = await host.admin('POST', '/admin/plugins/echo/disable?reason=odd')
  expect([answer.status, answer.body]).toEqual([200, { status: 'disabled', plugin_id: 'echo' }])
  expect(await host.audit({ action: 'plugin.end', target: 'echo' })).toMatchObject([{ reason: 'exit' }])
  const { body } = await host.admin('GET', '/plugins/echo')
  expect(body).toMatchObject({ status: 'disabled', statusReason: 'odd' })
  expect(body).not.toHaveProperty('level')
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 503, 'PLUGIN_DISABLED')
  await host.enable('echo')
  expect((await host.admin('POST', '/gateway/echo/say', 2)).text).toBe('2')
  expect(host.starts()).toBe(2)
  const entries = await host.audit({ target: 'echo', action: 'plugin.enable' })
  expect(entries.map(({ reason }) => reason)).toEqual(['was disabled', 'was registered'])
})

test('a call that is under way when its plugin is disabled ends with PLUGIN_DISABLED', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  const call = host.admin('POST', '/gateway/echo/slow', {})
  await eventually(async () => expect(await host.audit({ action: 'plugin.start' })).toHaveLength(1))
  await host.admin('POST', '/admin/plugins/echo/disable')
  const answer = await call
  expect([503, 502]).toContain(answer.status)
  expect(['PLUGIN_DISABLED', 'PLUGIN_CRASHED']).toContain(answer.body['code'])
})

test('a plugin that is disabled while it starts runs no further', async () => {
  const launched = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const host = await openTestHost({
    installed: installedPlugins(ECHO),
    launch:
      (launch) =>
      async (...order) => {
        launched.resolve()
        await go.promise
        return launch(...order)
      },
  })
  await host.sync()
  await host.enable('echo')
  const call = host.admin('POST', '/gateway/echo/say', 1)
  await launched.promise
  const disabling = host.admin('POST', '/admin/plugins/echo/disable')
  await eventually(async () => expect((await host.admin('GET', '/plugins/echo')).body['status']).toBe('disabled'))
  go.resolve()
  await disabling
  await call
  expect((await host.admin('GET', '/plugins/echo')).body).not.toHaveProperty('level')
  expect(await host.audit({ action: 'plugin.start', target: 'echo' })).toEqual([])
})

test('a plugin that hangs in its own start, or in a migration, is disabled at once all the same', async () => {
  const hangs = 'async () => { console.log("hanging"); await new Promise(() => {}) }'
  const source = `operations: { say: () => 1 }, start: ${hangs}, migrations: [{ to: 2, up: ${hangs} }]`
  const asks = ['storage:kv']
  const spec = (schemaVersion: number) => ({ storage: { quotaMb: 1, schemaVersion } })
  const hanging = (schemaVersion: number) => ({ ...ECHO, source, asks, granted: asks, spec: spec(schemaVersion) })
  const host = await openTestHost({ installed: installedPlugins(hanging(1)) })
  for (const version of [1, 2]) {
    host.installed.install(hanging(version))
    await host.sync()
    await host.enable('echo')
    const call = host.admin('POST', '/gateway/echo/say', 1)
    await eventually(() => expect(host.logged.filter((line) => line.includes('hanging'))).toHaveLength(version))
    const began = performance.now()
    expect((await host.admin('POST', '/admin/plugins/echo/disable')).status).toBe(200)
    expect(performance.now() - began).toBeLessThan(15_000)
    expect((await call).status).toBe(503)
    expect((await host.admin('GET', '/plugins/echo')).body['status']).toBe('disabled')
    await host.storage.kv('echo', { quotaBytes: 100 }).set('a', 1)
  }
  expect(host.starts()).toBe(2)
})

test('a call that was let through before its plugin was disabled starts nothing afterwards', async () => {
  const waiting = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const host = await openTestHost({
    installed: installedPlugins(ECHO),
    audit: (audit) => ({
      ...audit,
      record: async (entry) => {
        await audit.record(entry)
        if (entry.action !== 'operator.admit') return
        waiting.resolve()
        await go.promise
      },
    }),
  })
  await host.sync()
  await host.enable('echo')
  const call = host.admin('POST', '/gateway/echo/say', 1)
  await waiting.promise
  await host.admin('POST', '/admin/plugins/echo/disable')
  go.resolve()
  await host.refused(await call, 503, 'PLUGIN_DISABLED')
  expect(host.starts()).toBe(0)
})

test('disabling a plugin whose start fails disables it', async () => {
  const launched = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const host = await openTestHost({
    installed: installedPlugins(ECHO),
    launch: () => async () => {
      launched.resolve()
      await go.promise
      throw new TenonError('PLUGIN_START_FAILED', 'no memory')
    },
  })
  await host.sync()
  await host.enable('echo')
  const call = host.admin('POST', '/gateway/echo/say', 1)
  await launched.promise
  const disabling = host.admin('POST', '/admin/plugins/echo/disable')
  await eventually(async () => expect((await host.admin('GET', '/plugins/echo')).body['status']).toBe('disabled'))
  go.resolve()
  expect((await disabling).status).toBe(200)
  await host.refused(await call, 503, 'PLUGIN_START_FAILED')
})

test('a process that takes its time to end does not take its successor with it', async () => {
  const slow = {
    ...ECHO,
    source: `operations: { say: () => 1 }, stop: () => new Promise((resolve) => setTimeout(resolve, 1_000))`,
  }
  const host = await openTestHost({ installed: installedPlugins(slow) })
  await host.sync()
  await host.enable('echo')
  await host.admin('POST', '/gateway/echo/say', 1)
  host.installed.install(ECHO)
  const syncing = host.sync()
  await eventually(async () => expect((await host.admin('GET', '/plugins/echo')).body).not.toHaveProperty('level'))
  expect((await host.admin('POST', '/gateway/echo/say', 2)).text).toBe('2')
  expect(await host.audit({ action: 'plugin.end' })).toEqual([])
  await syncing
  expect((await host.admin('POST', '/gateway/echo/say', 3)).text).toBe('3')
  expect(host.starts()).toBe(2)
})

test('enable, disable and enable at once leave one state and at most one process', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  await host.admin('POST', '/gateway/echo/say', 1)
  const asked = ['disable', 'enable', 'disable', 'enable'].map((what) =>
    host.admin('POST', `/admin/plugins/echo/${what}`),
  )
  const calls = Array.from({ length: 8 }, () => host.admin('POST', '/gateway/echo/say', 1))
  await Promise.all([...asked, ...calls])
  expect((await host.admin('GET', '/plugins/echo')).body['status']).toBe('active')
  expect((await host.admin('POST', '/gateway/echo/say', 3)).text).toBe('3')
  const count = async (action: string) => (await host.audit({ action, target: 'echo' })).length
  await eventually(async () => expect(await count('plugin.start')).toBe((await count('plugin.end')) + 1))
})

test('what a disabled plugin asks is answered 403', async () => {
  const host = await openTestHost()
  const token = await joined(host, plainManifest('caller', { endpoints: { inbox: '/inbox' } }))
  await joined(host, plainManifest('target', { endpoints: { act: '/act' } }), await remotePlugin())
  await host.grant('caller', ['operator:call:*/*', 'event:publish:**'])
  await host.admin('POST', '/admin/plugins/caller/disable')
  for (const [path, body] of [
    ['/gateway/target/act', {}],
    ['/gateway/proxy', { url: 'https://a.example/' }],
    ['/messaging/events', { event_type: 'plugin.caller.said' }],
  ] as const)
    await host.refused(await host.as(token, 'POST', path, body), 403, 'PERMISSION_DENIED')
  expect((await host.as(token, 'POST', '/plugins/caller/heartbeat', {})).status).toBe(200)
  await host.enable('caller')
  expect((await host.as(token, 'POST', '/gateway/target/act', {})).status).toBe(200)
})

test('one active plugin holds a role: the second is answered 409, of two at once too, and gets it when it is free', async () => {
  const host = await openTestHost()
  for (const id of ['first', 'second']) await host.register(plainManifest(id, { contracts: ['StoragePlugin'] }))
  const both = await Promise.all(['first', 'second'].map((id) => host.admin('POST', `/admin/plugins/${id}/enable`)))
  const lost = both.find(({ status }) => status !== 200)
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
  if (lost !== undefined) await host.refused(lost, 409, 'ROLE_TAKEN')
  const [winner, loser] = both[0]?.status === 200 ? ['first', 'second'] : ['second', 'first']
  await host.admin('POST', `/admin/plugins/${winner}/disable`)
  await host.enable(loser)
})

test('enabling judges the manifest again', async () => {
  const host = await openTestHost()
  await host.register(MANIFEST)
  const known = host.host.table.get('user-management')
  if (known === undefined) throw new Error('it is registered')
  const original = { ...MANIFEST, traits: ['root'] }
  host.host.table.put({ ...known, description: { ...known.description, original } })
  const answer = await host.admin('POST', '/admin/plugins/user-management/enable')
  await host.refused(answer, 400, 'DIALECT_INVALID')
  expect(answer.body['errors']).not.toEqual([])
  expect(host.host.table.get('user-management')?.status).toBe('registered')
})

test('enabling what is active changes nothing', async () => {
  const host = await openTestHost()
  await joined(host, MANIFEST)
  const answer = await host.admin('POST', '/admin/plugins/user-management/enable')
  expect([answer.status, answer.body]).toEqual([200, { status: 'enabled', plugin_id: 'user-management' }])
  expect(await host.audit({ action: 'plugin.enable' })).toHaveLength(1)
})

test('an administrator removes a plugin with its grants; what is not there is answered 404', async () => {
  const host = await openTestHost()
  const token = await joined(host, MANIFEST)
  await host.grant('user-management', ['operator:call:a/b'])
  expect((await host.admin('DELETE', '/admin/plugins/user-management')).status).toBe(204)
  await host.refused(await host.as(token, 'POST', '/plugins/user-management/heartbeat', {}), 401, 'TOKEN_INVALID')
  for (const [method, path, body] of [
    ['DELETE', ''],
    ['POST', '/enable'],
    ['POST', '/disable'],
    ['PUT', '/grants', { capabilities: [] }],
    ['PUT', '/address', { address: 'http://a:1' }],
  ] as const)
    await host.refused(await host.admin(method, `/admin/plugins/user-management${path}`, body), 404, 'PLUGIN_UNKNOWN')
  for (const path of ['/plugins/user-management', '/admin/plugins/user-management/grants'])
    expect((await host.admin('GET', path)).body).toMatchObject({ code: 'PLUGIN_UNKNOWN', status: 404 })
  await host.register(MANIFEST)
  expect((await host.admin('GET', '/admin/plugins/user-management/grants')).body['capabilities']).toEqual([])
})

test('what is installed waits to be enabled, follows its updates, and goes when it is uninstalled', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  const shown = async () => (await host.admin('GET', '/plugins/echo')).body
  await host.sync()
  expect(await shown()).toMatchObject({ status: 'registered', contained: true })
  await host.enable('echo')
  await host.admin('POST', '/gateway/echo/say', 1)
  host.installed.install({
    ...ECHO,
    source: `operations: { say: () => 'new' }`,
    spec: { version: '1.1.0', contracts: ['EchoPlugin'] },
  })
  await host.sync()
  expect(await shown()).toMatchObject({ status: 'active', version: '1.1.0' })
  expect((await host.admin('POST', '/gateway/echo/say', 1)).text).toBe('"new"')
  await host.sync()
  expect(host.starts()).toBe(2)
  host.installed.uninstall('echo')
  await host.sync()
  expect((await host.admin('GET', '/plugins/echo')).status).toBe(404)
  const actions = (await host.audit({ target: 'echo' })).map(({ action }) => action)
  expect(actions.filter((action) => action !== 'operator.call').toReversed()).toEqual(
    ['install', 'enable', 'start', 'install', 'end', 'start', 'unregister', 'end'].map((what) => `plugin.${what}`),
  )
})

test('new code under the same spec runs from the next call on', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  await host.admin('POST', '/gateway/echo/say', 1)
  host.installed.install({ ...ECHO, source: `operations: { say: () => 'mended' }` })
  await host.sync()
  expect((await host.admin('POST', '/gateway/echo/say', 1)).text).toBe('"mended"')
})

test('an update that claims a role somebody else holds by now waits to be enabled', async () => {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  await joined(host, MANIFEST)
  host.installed.install({ ...ECHO, spec: { contracts: ['IdentityPlugin'] } })
  await host.sync()
  expect((await host.admin('GET', '/plugins/echo')).body['status']).toBe('registered')
  await host.refused(await host.admin('POST', '/admin/plugins/echo/enable'), 409, 'ROLE_TAKEN')
})

test('an installed plugin inherits nothing of one that registered itself under its id', async () => {
  const host = await openTestHost()
  const token = await joined(host, plainManifest('echo', { contracts: ['SoundPlugin'] }))
  await host.grant('echo', ['operator:call:*/*'])
  host.installed.install(ECHO)
  await host.sync()
  expect((await host.admin('GET', '/plugins/echo')).body).toMatchObject({ status: 'registered', kind: 'node' })
  expect((await host.admin('GET', '/admin/plugins/echo/grants')).body['capabilities']).toEqual([])
  await host.refused(await host.as(token, 'POST', '/plugins/echo/heartbeat', {}), 401, 'TOKEN_INVALID')
})

test('what is registered, granted and active outlives a restart of the host', async () => {
  const first = await openTestHost()
  const token = await joined(first, MANIFEST)
  await first.grant('user-management', ['operator:call:a/b'])
  const folder = first.database.path.replace(/\/host\.db$/, '')
  await first.close()
  const second = await openTestHost({ folder })
  expect((await second.admin('GET', '/plugins/user-management')).body['status']).toBe('active')
  expect((await second.admin('GET', '/admin/plugins/user-management/grants')).body['capabilities']).toEqual([
    'operator:call:a/b',
  ])
  expect((await second.as(token, 'POST', '/plugins/user-management/heartbeat', {})).status).toBe(200)
  expect(await second.host.administrator.makeToken()).toBeUndefined()
  expect((await second.as(first.token, 'GET', '/plugins')).status).toBe(200)
})
