import { describe, expect, test } from 'vitest'
import type { TenonError } from '@tenon/contract'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'
import { joined, MANIFEST } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const SETTINGS = {
  depth: { type: 'integer', label: 'Depth' },
  deep: { type: 'integer', label: 'Deep', max: 100 },
  token: { type: 'secret', label: 'Token' },
  key: { type: 'secret', label: 'Key' },
  title: { type: 'single-string', label: 'Title' },
}

const STEPS = `migrations: [{ to: 2, up: async (kv) => kv.set('a', Number(await kv.get('a')) * 10) }]`
const SETTINGS_STEPS = `settingsMigrations: [{ to: 2, up: ({ depth, token, ...rest }) => ({
  ...rest, ...(depth === undefined ? {} : { deep: depth * 10 }), ...(token === undefined ? {} : { key: token + '!' }) }) }]`

const keeper = (version: number, steps: string, changes: Partial<TestPlugin> = {}): TestPlugin => ({
  id: 'keeper',
  source: `operations: { act: (_, ctx) => ctx.kv.get('a') }, ${steps}`,
  operations: { act: { out: {} } },
  asks: ['storage:kv', 'fs:read:/etc/**'],
  granted: ['storage:kv', 'fs:read:/etc/**'],
  spec: {
    ...{ version: `1.${version}.0`, storage: { quotaMb: 1, schemaVersion: version } },
    ...{ settings: SETTINGS, settingsVersion: version },
  },
  ...changes,
})

/** A host with the first version enabled, that stored `a`. */
async function withKeeper(options: TestHostOptions = {}): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(keeper(1, '')), ...options })
  await host.sync()
  await host.enable('keeper')
  await keys(host).set('a', 1)
  return host
}

async function updated(host: TestHost, plugin: TestPlugin): Promise<void> {
  host.installed.install(plugin)
  await host.sync()
}

const keys = (host: TestHost) => host.storage.kv('keeper', { quotaBytes: 1_048_576 })
const act = (host: TestHost) => host.admin('POST', '/gateway/keeper/act', null)
const migrate = (host: TestHost, query = '') => host.admin('POST', `/admin/plugins/keeper/migrate${query}`)
const statusOf = async (host: TestHost) => (await host.admin('GET', '/plugins/keeper')).body['status']
const set = (host: TestHost, settings: object, environment?: string) =>
  host.admin('PUT', '/workspace/config/keeper', {
    ...{ settings, why: 'a test' },
    ...(environment === undefined ? {} : { environment }),
  })
const STILL = { from: 1, to: 1, changed: 0 }

test('the first start of a version that needs it migrates, once, and records it', async () => {
  const host = await withKeeper()
  await updated(host, keeper(2, STEPS))
  expect((await act(host)).text).toBe('10')
  expect(host.starts()).toBe(2)
  await host.admin('POST', '/admin/plugins/keeper/disable')
  await host.enable('keeper')
  expect((await act(host)).text).toBe('10')
  expect(host.starts()).toBe(3)
  expect(await host.audit({ action: 'plugin.migrate' })).toMatchObject([
    {
      ...{ actor: 'host', target: 'keeper', decision: 'allow' },
      details: {
        ...{ storage: { from: 1, to: 2, changed: 1 }, settings: { from: 2, to: 2, changed: 0 } },
        level: expect.any(String),
      },
    },
  ])
})

test('a migration has the keys and nothing else: no grant, no other door of the host', async () => {
  const seen: unknown[] = []
  const host = await withKeeper({
    launch: (launch) => (plugin, handlers, news, granted) => {
      seen.push([granted.map(({ action }) => action), Object.keys(handlers).filter((name) => !name.startsWith('kv.'))])
      if (granted.length === 0) for (const tell of [news.onDegraded, news.onThrottled]) tell('no bound')
      return launch(plugin, handlers, news, granted)
    },
  })
  await updated(host, keeper(2, `${STEPS}, stop: (ctx) => ctx.log('info', 'stopped')`))
  await act(host)
  expect(seen[0]).toEqual([[], []])
  expect(seen[1]).toEqual([['storage:kv', 'fs:read'], expect.arrayContaining(['call', 'fetch', 'secrets.get'])])
  expect(host.logged).toEqual(['keeper warn: no bound', 'keeper warn: no bound'])
})

test('a migration that fails twice quarantines the plugin, leaves what it stored, and its words out of the ledger', async () => {
  const host = await withKeeper()
  const fails = `migrations: [{ to: 2, up: async (kv) => { await kv.set('a', 'lost'); throw new Error('hunter2') } }]`
  await updated(host, keeper(2, fails))
  await host.refused(await act(host), 503, 'MIGRATION_FAILED')
  await eventually(async () => expect(await statusOf(host)).toBe('quarantined'))
  expect(await keys(host).get('a')).toBe(1)
  const entries = await host.audit({ action: 'plugin.migrate', decision: 'deny' })
  expect(entries.map(({ reason }) => reason)).toEqual(['MIGRATION_FAILED', 'MIGRATION_FAILED'])
  expect(JSON.stringify(await host.audit({ limit: '500' }))).not.toContain('hunter2')
  await updated(host, keeper(2, STEPS, { spec: { ...keeper(2, '').spec, version: '1.2.1' } }))
  expect((await act(host)).text).toBe('10')
})

test('an earlier version does not start over what a later one stored, and says what to do', async () => {
  const host = await withKeeper()
  await updated(host, keeper(2, STEPS))
  await act(host)
  await updated(host, keeper(1, ''))
  const refused = await act(host)
  await host.refused(refused, 409, 'STORAGE_NEWER')
  expect(refused.body).toMatchObject({
    detail: 'the keys of "keeper" are of version 2, and it knows version 1',
    hint: expect.stringContaining('a backup of before'),
  })
  await eventually(async () => expect(await statusOf(host)).toBe('quarantined'))
  await updated(host, keeper(2, STEPS))
  expect((await act(host)).text).toBe('10')
})

test('whether an earlier version could come back is said before it does: of keys, and of settings', async () => {
  const host = await withKeeper()
  await set(host, { depth: 5 })
  const returning = async (...versions: number[]): Promise<unknown> => {
    const descriptions = versions.map(
      (version) => installedPlugins(keeper(version, '')).list()[0]?.description ?? fail(),
    )
    const by = { actor: 'test', traceId: 'returning' }
    return host.host.refuseReturning(descriptions, by).then(
      () => 'it could',
      ({ code, problems }: TenonError) => [code, problems.map(({ message }) => message)],
    )
  }
  expect(await returning(1, 2)).toBe('it could')
  await updated(host, keeper(2, `${STEPS}, ${SETTINGS_STEPS}`))
  await act(host)
  expect(await returning(2, 3)).toBe('it could')
  expect(await returning(1, 2)).toEqual([
    'STORAGE_NEWER',
    [
      'the keys of "keeper" are of version 2, and it knows version 1',
      'the settings of "keeper" are of version 2, and it knows version 1',
    ],
  ])
  expect(await host.audit({ traceId: 'returning' })).toMatchObject([
    { action: 'workspace.rollback', decision: 'deny', reason: 'STORAGE_NEWER' },
  ])
})

const fail = (): never => expect.fail('it is installed')

test('a plugin that is new at a later version needs no migration, then and afterwards', async () => {
  const host = await openTestHost({ installed: installedPlugins(keeper(3, '')) })
  await host.sync()
  await host.enable('keeper')
  expect((await act(host)).status).toBe(200)
  await keys(host).set('a', 1)
  await host.admin('POST', '/admin/plugins/keeper/disable')
  await host.enable('keeper')
  expect((await act(host)).text).toBe('1')
  expect(await host.audit({ action: 'plugin.migrate' })).toEqual([])
})

test('a plugin whose keys are no longer granted does not get at them by a migration', async () => {
  const host = await withKeeper()
  await updated(host, keeper(2, STEPS, { granted: [] }))
  const refused = await act(host)
  expect([refused.status, refused.body['code']]).toEqual([403, 'PERMISSION_DENIED'])
  expect([host.starts(), await statusOf(host), await keys(host).get('a')]).toEqual([0, 'active', 1])
  expect((await host.audit({ action: 'plugin.migrate' }))[0]).toMatchObject({ capability: 'storage:kv' })
})

test('a step that stores what the schema of the new version does not allow fails', async () => {
  const host = await withKeeper()
  const spec = { ...keeper(2, '').spec, storage: { quotaMb: 1, schemaVersion: 2, schema: 'schemas/value.json' } }
  await updated(host, keeper(2, STEPS, { spec, files: { 'schemas/value.json': { type: 'string' } } }))
  const refused = await act(host)
  expect(refused.body).toMatchObject({ code: 'MIGRATION_FAILED', detail: expect.stringContaining('"a" of keeper') })
  expect(await keys(host).get('a')).toBe(1)
})

describe('an operator', () => {
  test('tries a migration, which changes nothing, and does it before the plugin starts', async () => {
    const host = await withKeeper()
    await set(host, { depth: 5 })
    await updated(host, keeper(2, `${STEPS}, ${SETTINGS_STEPS}`))
    const moves = { storage: { from: 1, to: 2, changed: 1 }, settings: { from: 1, to: 2, changed: 1 } }
    expect((await migrate(host, '?dryRun=true')).body).toEqual(moves)
    expect([await keys(host).get('a'), host.starts()]).toEqual([1, 1])
    expect((await migrate(host)).body).toEqual(moves)
    expect([await keys(host).get('a'), host.starts()]).toEqual([10, 2])
    const still = { from: 2, to: 2, changed: 0 }
    expect((await migrate(host)).body).toEqual({ storage: still, settings: still })
    expect((await act(host)).text).toBe('10')
    expect(host.starts()).toBe(3)
    const actions = ['plugin.migrate.try', 'plugin.migrate']
    for (const action of actions)
      expect(await host.audit({ action })).toMatchObject([{ actor: 'admin:administrator', decision: 'allow' }])
  })

  test('is told what fails when it is tried, and of every setting that is not allowed', async () => {
    const host = await withKeeper()
    await set(host, { depth: 50 })
    const tooDeep = 'settingsMigrations: [{ to: 2, up: () => ({ deep: 500, wide: 1 }) }]'
    await updated(host, keeper(2, `${STEPS}, ${tooDeep}`))
    const refused = await migrate(host, '?dryRun=true')
    await host.refused(refused, 503, 'MIGRATION_FAILED')
    expect(refused.body['errors']).toMatchObject([{ pointer: '/deep' }, { pointer: '/wide' }])
    expect(await statusOf(host)).toBe('active')
  })

  test('finds nothing to migrate in a plugin that runs elsewhere, or is not there', async () => {
    const host = await withKeeper()
    expect((await migrate(host)).body).toEqual({ storage: STILL, settings: STILL })
    await joined(host, MANIFEST)
    const tried = (id: string) => host.admin('POST', `/admin/plugins/${id}/migrate`)
    await host.refused(await tried('user-management'), 404, 'PLUGIN_UNKNOWN')
    await host.refused(await tried('nobody'), 404, 'PLUGIN_UNKNOWN')
    host.installed.install({ id: 'job', spec: { runtime: { kind: 'python', entryPoint: 'pkg.mod:fn' } } })
    await host.sync()
    expect((await tried('job')).body).toEqual({ storage: STILL, settings: STILL })
    expect(host.starts()).toBe(0)
  })
})

describe('settings', () => {
  test('are migrated where they are set, secrets among them, and the history tells it', async () => {
    const host = await withKeeper()
    await set(host, { depth: 5, token: 'hunter2', title: 'Notes' })
    await set(host, { depth: 7 }, 'staging')
    await updated(host, keeper(2, `${STEPS}, ${SETTINGS_STEPS}`))
    await act(host)
    const config = (environment?: string) => host.storage.config('keeper', SETTINGS as never, { environment, shape: 2 })
    expect(await config().forPlugin()).toEqual({ deep: 50, key: 'hunter2!', title: 'Notes' })
    expect(await config('staging').forPlugin()).toEqual({ deep: 70, key: 'hunter2!', title: 'Notes' })
    const { changes } = (await host.admin('GET', '/workspace/config/keeper/history')).body as { changes: object[] }
    expect(changes.slice(2)).toMatchObject([
      {
        ...{ version: 3, who: 'host', why: 'brought from version 1 of the settings to version 2' },
        changed: { depth: { from: 5 }, deep: { to: 50 }, token: {}, key: {} },
      },
      { version: 4, environment: 'staging', changed: { depth: { from: 7 }, deep: { to: 70 } } },
    ])
    expect(JSON.stringify(changes)).not.toContain('hunter2')
    expect(JSON.stringify(changes.slice(2))).not.toContain('title')
    expect((await set(host, { deep: 60 })).body['version']).toBe(5)
  })

  test('are not set between an update and its migration', async () => {
    const host = await withKeeper()
    await set(host, { depth: 5 })
    await updated(host, keeper(2, `${STEPS}, ${SETTINGS_STEPS}`))
    const early = await set(host, { deep: 60 })
    await host.refused(early, 409, 'MIGRATION_NEEDED')
    expect(early.body['hint']).toBe('Run "tenon plugin migrate keeper".')
    await migrate(host)
    expect((await set(host, { deep: 60 })).status).toBe(200)
  })

  test('that a step turns into something else are refused', async () => {
    const host = await withKeeper()
    await set(host, { depth: 5 })
    await updated(host, keeper(2, `${STEPS}, settingsMigrations: [{ to: 2, up: () => 'none' }]`))
    expect((await migrate(host)).body['detail']).toContain('the migration to version 2 answers no settings')
  })

  test('that are changed while they are migrated are migrated anew', async () => {
    const host = await withKeeper()
    await set(host, { depth: 5 })
    await updated(host, keeper(2, `${SETTINGS_STEPS}, ${STEPS}`))
    const config = host.storage.config('keeper', SETTINGS as never, { shape: 2 })
    const seen = await config.layers()
    await host.storage.config('keeper', SETTINGS as never).set({ depth: 6 }, { who: 'somebody', why: 'meanwhile' })
    const replacing = config.replace(seen?.layers ?? [], seen?.version ?? 0, { who: 'a test', why: 'late' })
    await expect(replacing).rejects.toMatchObject({ code: 'MIGRATION_FAILED' })
    await act(host)
    expect(await config.forPlugin()).toEqual({ deep: 60 })
  })
})
