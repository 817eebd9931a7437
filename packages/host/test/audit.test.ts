import { expect, test } from 'vitest'
import { TenonError, type Audit } from '@tenon/contract'
import { installedPlugins } from './installed-plugins.ts'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'
import { joined, MANIFEST, plainManifest, remotePlugin } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

/** A ledger whose disk can be made to fail, for all actions or some. */
function failingLedger() {
  let failing: RegExp | undefined
  const audit = (ledger: Audit): Audit => ({
    ...ledger,
    record: (entry) =>
      failing?.test(entry.action) === true
        ? Promise.reject(new TenonError('AUDIT_UNAVAILABLE', 'the audit ledger could not be written'))
        : ledger.record(entry),
  })
  return { audit, fail: (actions = /./) => void (failing = actions), mend: () => void (failing = undefined) }
}

const COUNTER = {
  id: 'counter',
  source: `operations: { add: async (_, ctx) => ctx.kv.set('n', ((await ctx.kv.get('n')) ?? 0) + 1) }`,
  operations: { add: {} },
  asks: ['storage:kv'],
  granted: ['storage:kv'],
}

async function prepared(options: TestHostOptions): Promise<{ host: TestHost; token: string; received: unknown[] }> {
  const host = await openTestHost({ installed: installedPlugins(COUNTER), ...options })
  await host.sync()
  await host.enable('counter')
  const remote = await remotePlugin()
  await joined(host, MANIFEST, remote)
  const token = await joined(
    host,
    { ...MANIFEST, id: 'caller', contracts: ['CallerPlugin'], endpoints: { inbox: '/inbox' } },
    remote,
  )
  await host.grant('caller', ['operator:call:*/*', 'event:publish:**', 'event:subscribe:**'])
  return { host, token, received: remote.received }
}

test('while the ledger cannot be written nothing that has to be recorded is done', async () => {
  const ledger = failingLedger()
  const { host, token, received } = await prepared({ audit: ledger.audit })
  await host.admin('POST', '/gateway/counter/add', null)
  ledger.fail()
  const before = JSON.stringify(host.host.table.list())
  const tried = [
    host.admin('POST', '/gateway/counter/add', null),
    host.admin('POST', '/gateway/user-management/user_info', { id: 1 }),
    host.as(token, 'GET', '/identity/users/42'),
    host.as(token, 'POST', '/messaging/events', { event_type: 'plugin.caller.said' }),
    host.as(token, 'POST', '/messaging/subscriptions', { event_types: ['plugin.caller.said'], endpoint: 'inbox' }),
    host.as(token, 'POST', '/gateway/proxy', { url: 'https://a.example/' }),
    host.ask('POST', '/plugins/register', { body: plainManifest('fresh') }),
    host.admin('POST', '/admin/plugins/counter/disable'),
    host.admin('DELETE', '/admin/plugins/counter'),
    host.admin('PUT', '/admin/plugins/counter/grants', { capabilities: ['storage:secrets'] }),
    host.admin('PUT', '/admin/plugins/caller/address', { address: 'http://127.0.0.1:1' }),
    host.as('forged', 'GET', '/plugins'),
    host.ask('POST', '/auth/session', { body: { token: host.token } }),
    host.ask('POST', '/auth/session', { body: { token: 'wrong' } }),
  ]
  for (const answer of await Promise.all(tried))
    expect([answer.status, answer.body['code']]).toEqual([503, 'AUDIT_UNAVAILABLE'])
  expect(JSON.stringify(host.host.table.list())).toBe(before)
  expect(host.host.table.grants('counter')).toEqual([])
  expect(received).toEqual([])
  expect(host.bus.tail({ limit: 1 })).toEqual([])
  expect(await host.storage.kv('counter', { quotaBytes: 1_000 }).get('n')).toBe(1)
})

test('an answer whose outcome cannot be recorded is withheld', async () => {
  const ledger = failingLedger()
  const { host, received } = await prepared({ audit: ledger.audit })
  ledger.fail(/^operator\.call$/)
  const answer = await host.admin('POST', '/gateway/user-management/user_info', { id: 1 })
  expect([answer.status, answer.body['code'], received]).toMatchObject([503, 'AUDIT_UNAVAILABLE', [{}]])
})

test('a plugin whose start cannot be recorded does not run', async () => {
  const ledger = failingLedger()
  let ended: Promise<unknown> | undefined
  const launch: TestHostOptions['launch'] =
    (launched) =>
    async (...order) => {
      const process = await launched(...order)
      ended = process.ended
      return process
    }
  const { host } = await prepared({ audit: ledger.audit, launch })
  ledger.fail(/^plugin\.(start|end)$/)
  const answer = await host.admin('POST', '/gateway/counter/add', null)
  expect([answer.status, answer.body['code']]).toEqual([503, 'AUDIT_UNAVAILABLE'])
  expect(await ended).toMatchObject({ reason: 'exit' })
  ledger.mend()
  expect((await host.admin('POST', '/gateway/counter/add', null)).status).toBe(200)
})

test('an end that cannot be recorded is told to the log, and the host lives on', async () => {
  const ledger = failingLedger()
  const { host } = await prepared({ audit: ledger.audit })
  await host.admin('POST', '/gateway/counter/add', null)
  ledger.fail(/^plugin\.end$/)
  expect((await host.admin('POST', '/admin/plugins/counter/disable')).status).toBe(200)
  await eventually(() =>
    expect(host.logged).toEqual([
      'counter error: its end could not be recorded: the audit ledger could not be written',
    ]),
  )
  expect((await host.admin('GET', '/plugins')).status).toBe(200)
})

test('a fault of the host itself is recorded as such and says nothing of itself', async () => {
  const { host } = await prepared({
    launch: () => () => {
      throw new Error('secret inner thing')
    },
  })
  const answer = await host.admin('POST', '/gateway/counter/add', null)
  await host.refused(answer, 500, 'INTERNAL')
  expect(answer.text).not.toContain('secret')
})

test('the ledger is searched by what it holds, a page at a time, newest first', async () => {
  const { host } = await prepared({})
  for (let time = 0; time < 3; time += 1) await host.admin('POST', '/gateway/counter/add', null)
  const { body } = await host.admin('GET', '/admin/audit?action=operator.call&limit=2&offset=1')
  expect(body).toMatchObject({ total: 3, limit: 2, offset: 1 })
  const [newer, older] = await host.audit({ action: 'operator.call', limit: '2', offset: '1' })
  expect(body['items']).toEqual([newer, older])
  expect(newer?.seq).toBeGreaterThan(older?.seq ?? Infinity)
  expect(await host.audit({ target: 'counter/add', decision: 'deny' })).toEqual([])
})

test('closing the host ends every process and starts none any more', async () => {
  const { host } = await prepared({})
  await host.admin('POST', '/gateway/counter/add', null)
  await host.host.close()
  await expect(
    host.host.call({
      caller: { kind: 'admin', name: 'a', traits: [] },
      target: 'counter',
      operation: 'add',
      input: null,
      traceId: 't',
      signal: new AbortController().signal,
    }),
  ).rejects.toMatchObject({ code: 'PLUGIN_DISABLED' })
  expect(await host.audit({ action: 'plugin.end', target: 'counter' })).toHaveLength(1)
  expect(host.starts()).toBe(1)
})
