import { expect, test } from 'vitest'
import { TenonError } from '@tenon/contract'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { installedPlugins } from './installed-plugins.ts'

const ECHO = {
  id: 'echo',
  source: `operations: { say: (input) => input }`,
  operations: { say: { in: {}, out: {} } },
}

const CHANGED = new TenonError(
  'BUNDLE_CONTENT_MISMATCH',
  'the stored "echo" was changed: src/a.ts is listed but missing',
  {
    problems: [{ pointer: '', code: 'BUNDLE_FILE', message: 'src/a.ts is listed but missing', file: 'src/a.ts' }],
  },
)
const UNCERTIFIED = new TenonError('ATTESTATION_MISSING', 'what the signer of "echo" attests names no gate')

async function enabledEcho(): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  return host
}

test('a plugin whose files were changed is not started, and the ledger names the file', async () => {
  const host = await enabledEcho()
  host.installed.fault('echo', CHANGED)
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 400, 'BUNDLE_CONTENT_MISMATCH')
  expect(host.starts()).toBe(0)
  expect(await host.audit({ action: 'plugin.refused', target: 'echo' })).toMatchObject([
    {
      actor: 'host',
      decision: 'deny',
      reason: 'BUNDLE_CONTENT_MISMATCH: the stored "echo" was changed: src/a.ts is listed but missing',
      details: { files: ['src/a.ts'] },
    },
  ])
})

test('what is found of a sound plugin keeps it from being started too', async () => {
  const host = await enabledEcho()
  expect((await host.admin('POST', '/gateway/echo/say', 1)).status).toBe(200)
  await host.admin('POST', '/admin/plugins/echo/disable')
  await host.enable('echo')
  host.installed.fault('echo', UNCERTIFIED, true)
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 403, 'ATTESTATION_MISSING')
  expect(host.starts()).toBe(1)
})

test('an operator sees who vouches for a plugin, and why it would not start', async () => {
  const host = await enabledEcho()
  const seen = async (): Promise<unknown> => (await host.admin('GET', '/plugins/echo')).body['verification']
  const sound = { signer: `sha256:${'0'.repeat(64)}`, manifest: expect.stringMatching(/^sha256:/), gates: [] }
  expect(await seen()).toEqual({ ...sound, refusals: [], waived: [] })
  const { code, message } = UNCERTIFIED
  host.installed.fault('echo', UNCERTIFIED, true)
  expect(await seen()).toEqual({ ...sound, refusals: [{ code, message }], waived: [] })
  host.installed.fault('echo', CHANGED)
  expect(await seen()).toEqual({ refusals: [{ code: CHANGED.code, message: CHANGED.message }], waived: [] })
  expect(await host.audit({ action: 'plugin.refused' })).toEqual([])
})

test('a fault of ours while a plugin is looked at is no finding', async () => {
  const host = await enabledEcho()
  host.installed.verify = () => Promise.reject(new Error('the disk is on fire'))
  expect((await host.admin('POST', '/gateway/echo/say', 1)).body['code']).toBe('INTERNAL')
  expect(await host.audit({ action: 'plugin.refused' })).toEqual([])
})

test('what cannot be read when the host looks keeps its place and its grants', async () => {
  const host = await enabledEcho()
  await host.grant('echo', ['config:read'])
  const [get, list] = [host.installed.get, host.installed.list]
  Object.assign(host.installed, { get: () => undefined, list: () => [] })
  host.installed.fault('echo', CHANGED)
  await host.sync()
  expect((await host.admin('GET', '/plugins/echo')).body).toMatchObject({ status: 'active' })
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 400, 'BUNDLE_CONTENT_MISMATCH')
  Object.assign(host.installed, { get, list })
  expect((await host.admin('GET', '/admin/plugins/echo/grants')).body['capabilities']).toEqual(['config:read'])
})

test('what begins to speak against a plugin ends it, also while it starts and when the ledger cannot be written', async () => {
  const launched = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  let isFull = false
  const host = await openTestHost({
    installed: installedPlugins(ECHO),
    launch:
      (launch) =>
      async (...order) => {
        launched.resolve()
        await go.promise
        return launch(...order)
      },
    audit: (audit) => ({
      ...audit,
      record: (entry) =>
        isFull && entry.action === 'plugin.refused' ? Promise.reject(new Error('no ledger')) : audit.record(entry),
    }),
  })
  await host.sync()
  await host.enable('echo')
  const call = host.admin('POST', '/gateway/echo/say', 1)
  await launched.promise
  host.installed.fault('echo', UNCERTIFIED, true)
  isFull = true
  const reconsidering = host.host.admissions.reconsider()
  go.resolve()
  await expect(reconsidering).rejects.toThrow('no ledger')
  expect((await call).body['code']).toBe('PLUGIN_DISABLED')
  isFull = false
  expect(await host.audit({ action: 'plugin.start' })).toEqual([])
  await host.refused(await host.admin('POST', '/gateway/echo/say', 1), 403, 'ATTESTATION_MISSING')
  await host.host.admissions.reconsider()
  expect(await host.audit({ action: 'plugin.refused' })).toHaveLength(1)
})

test('what runs goes on when its files were changed since, and nothing is said of what does not run', async () => {
  const host = await enabledEcho()
  await host.admin('POST', '/gateway/echo/say', 1)
  host.installed.fault('echo', CHANGED)
  await host.host.admissions.reconsider()
  expect((await host.admin('POST', '/gateway/echo/say', 2)).text).toBe('2')
  expect(host.starts()).toBe(1)
})

test('code counts as vouched for while an operator trusts its signer and nothing had to be overridden', async () => {
  const vouched: boolean[] = []
  const host = await openTestHost({
    installed: installedPlugins(ECHO),
    launch:
      (launch) =>
      (admitted, ...order) => {
        vouched.push(admitted.vouched)
        return launch(admitted, ...order)
      },
  })
  await host.sync()
  const restarted = async (): Promise<unknown> => {
    await host.admin('POST', '/admin/plugins/echo/disable')
    await host.enable('echo')
    return (await host.admin('POST', '/gateway/echo/say', 1)).status
  }
  expect(await restarted()).toBe(200)
  host.installed.trust('echo')
  expect(await restarted()).toBe(200)
  host.installed.fault('echo', UNCERTIFIED, true)
  const digest = host.installed.get('echo')?.manifestDigest
  const wish = { plugin: 'echo', digest, finding: 'ATTESTATION_MISSING', why: 'we looked', lifetimeMs: 60_000 }
  expect((await host.admin('POST', '/admin/overrides', wish)).status).toBe(201)
  expect(await restarted()).toBe(200)
  expect(vouched).toEqual([false, true, false])
})
