import { expect, test } from 'vitest'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { plainManifest } from './remote-plugin.ts'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'

const SETTINGS = {
  depth: { type: 'integer', label: 'Depth', default: 3, min: 1 },
  title: { type: 'single-string', label: 'Title' },
  token: { type: 'secret', label: 'Token' },
}

const NOTES: TestPlugin = {
  id: 'notes',
  source: 'operations: { act: (_, ctx) => ctx.config.get() }',
  operations: { act: { out: {} } },
  spec: { settings: SETTINGS },
}

async function withNotes(options: TestHostOptions = {}): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(NOTES), ...options })
  await host.sync()
  await host.enable('notes')
  return host
}

const set = (host: TestHost, settings: object, more: object = {}) =>
  host.admin('PUT', '/workspace/config/notes', { settings, why: 'a test', ...more })
const act = async (host: TestHost) => JSON.parse((await host.admin('POST', '/gateway/notes/act', null)).text)

test('settings are shown with where they come from, and secrets to the plugin only', async () => {
  const host = await withNotes()
  expect((await set(host, { title: 'Notes', token: 'hunter2' })).body).toEqual({ version: 1, plugin: 'not running' })
  expect((await host.admin('GET', '/workspace/config/notes')).body).toEqual({
    version: 1,
    settings: {
      depth: { declaration: SETTINGS.depth, source: 'default', value: 3 },
      title: { declaration: SETTINGS.title, source: 'stored', value: 'Notes' },
      token: { declaration: SETTINGS.token, source: 'stored' },
    },
    problems: [],
  })
  expect(await act(host)).toEqual({ depth: 3, title: 'Notes', token: 'hunter2' })
})

test('a change is in the history and in the ledger, by whom and why, and no value is in the ledger', async () => {
  const host = await withNotes()
  const { headers } = await set(host, { depth: 5, token: 'hunter2' }, { why: 'too shallow', environment: 'staging' })
  expect((await host.admin('GET', '/workspace/config/notes/history')).body).toEqual({
    changes: [
      {
        ...{ version: 1, at: expect.any(String), who: 'admin:administrator', why: 'too shallow' },
        ...{ environment: 'staging', changed: { depth: { to: 5 }, token: {} } },
      },
    ],
  })
  const entries = await host.audit({ traceId: String(headers['x-trace-id']) })
  expect(entries).toMatchObject([
    {
      ...{ actor: 'admin:administrator', action: 'config.change', target: 'notes', decision: 'allow' },
      ...{ reason: 'too shallow', details: { settings: ['depth', 'token'], environment: 'staging' } },
    },
  ])
  expect(JSON.stringify(entries)).not.toContain('hunter2')
})

test('what a setting does not allow is refused with every problem, recorded, and changes nothing', async () => {
  const host = await withNotes()
  const refused = await set(host, { depth: 0, colour: 'red' })
  await host.refused(refused, 400, 'CONFIG_INVALID')
  expect(refused.body['errors']).toMatchObject([{ pointer: '/depth' }, { pointer: '/colour' }])
  expect((await host.admin('GET', '/workspace/config/notes')).body['version']).toBe(0)
  await host.refused(
    await host.admin('PUT', '/workspace/config/nobody', { settings: {}, why: 'x' }),
    404,
    'PLUGIN_UNKNOWN',
  )
})

test('a change says why, and names an environment as environments are named', async () => {
  const host = await withNotes()
  for (const body of [{ settings: {} }, { settings: {}, why: '' }, { settings: {}, why: 'x', environment: 'No 1' }])
    expect((await host.admin('PUT', '/workspace/config/notes', body)).body['code']).toBe('HTTP_INVALID')
})

test('a host in a named environment has its settings, and others can be looked at', async () => {
  const host = await withNotes({ environment: 'staging' })
  await set(host, { depth: 5 })
  await set(host, { depth: 7 }, { environment: 'staging' })
  expect(await act(host)).toEqual({ depth: 7 })
  const shown = async (query: string) => (await host.admin('GET', `/workspace/config/notes${query}`)).body['settings']
  expect(await shown('')).toMatchObject({ depth: { source: 'environment', value: 7 } })
  expect(await shown('?environment=live')).toMatchObject({ depth: { source: 'stored', value: 5 } })
  expect((await set(host, { depth: 9 })).body).toMatchObject({ plugin: 'unchanged' })
  expect((await set(host, { depth: 9 }, { environment: 'staging' })).body).toMatchObject({ plugin: 'told' })
})

test('a plugin that was given nothing, for what was stored was not allowed, starts anew', async () => {
  const host = await withNotes()
  await set(host, { title: 'Notes' })
  const title = { type: 'integer', label: 'Title' }
  host.installed.install({ ...NOTES, spec: { version: '1.1.0', settings: { ...SETTINGS, title } } })
  await host.sync()
  expect((await host.admin('GET', '/workspace/config/notes')).body['problems']).toMatchObject([{ pointer: '/title' }])
  expect((await host.admin('POST', '/gateway/notes/act', null)).body['code']).toBe('CONFIG_INVALID')
  expect((await set(host, { title: 7 })).body).toMatchObject({ plugin: 'restarting' })
  expect(await act(host)).toEqual({ depth: 3, title: 7 })
})

test('a remote plugin reads its own settings, secrets included, and no other plugin’s', async () => {
  const spec = { runtime: { kind: 'remote', endpoints: {} }, settings: SETTINGS }
  const remote = { contracts: ['NotesPlugin'], traits: ['audit_required'] }
  const security = { authenticationRequired: true, dataClassification: ['internal'] }
  const compliance = { auditLevel: 'basic' }
  const installed = installedPlugins({
    id: 'notes',
    spec: { ...spec, ...remote, security, compliance, publisher: 'a' },
  })
  const host = await openTestHost({ installed })
  const token = await host.register(plainManifest('notes'))
  const other = await host.register(plainManifest('other'))
  await set(host, { token: 'hunter2' })
  const read = (bearer: string) => host.as(bearer, 'GET', '/plugins/notes/config')
  expect((await read(token)).body).toEqual({ depth: 3, token: 'hunter2' })
  const refused = await host.refused(await read(other), 403, 'PERMISSION_DENIED')
  expect(refused).toMatchObject({ actor: 'plugin:other', action: 'config.read', target: 'notes' })
})

test('that a plugin did not take its settings is recorded', async () => {
  const source = `${NOTES.source}, configChanged: () => { throw new Error('the key is hunter2') }`
  const host = await withNotes({ installed: installedPlugins({ ...NOTES, source }) })
  await act(host)
  await set(host, { depth: 5 })
  const entries = await host.audit({ action: 'config.tell' })
  expect(entries).toMatchObject([{ target: 'notes', decision: 'deny', reason: 'OPERATION_FAILED' }])
  expect(JSON.stringify(entries)).not.toContain('hunter2')
})

test('a plugin that starts while its settings change ends up with them', async () => {
  const launched = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  const source = `operations: { act: () => seen }, start: async (ctx) => { seen = await ctx.config.get() },
    configChanged: (next) => { seen = next }`
  const module = { ...NOTES, source: `${source} }); let seen; export const rest = ({` }
  const host = await withNotes({
    installed: installedPlugins(module),
    launch: (launch) => async (plugin, handlers, news, granted) => {
      const process = await launch(plugin, handlers, news, granted)
      return {
        ...process,
        start: async () => {
          await process.start()
          launched.resolve()
          await go.promise
        },
      }
    },
  })
  const acting = act(host)
  await launched.promise
  const setting = set(host, { depth: 5 })
  go.resolve()
  await acting
  expect((await setting).body).toEqual({ version: 1, plugin: 'told' })
  expect(await act(host)).toEqual({ depth: 5 })
})
