import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { openTestHost, type TestHost, type TestHostOptions } from './open-test-host.ts'
import { installedPlugins, type TestPlugin } from './installed-plugins.ts'
import { joined, MANIFEST, plainManifest } from './remote-plugin.ts'
import { eventually } from './waiting.ts'

const text = {
  type: 'object',
  properties: { text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
}
const count = { type: 'object', properties: { letters: { type: 'integer' } }, required: ['letters'] }

const LETTERS: TestPlugin = {
  id: 'letters',
  source: `operations: {
    count: ({ text }) => ({ letters: text === 'wrong' ? 'many' : text.length }),
    now: () => 'noon',
    refuse: () => { throw new PluginError('NO_PAPER', 'the tray is empty', { details: { secretish: 1 } }) },
    blame: () => { throw Object.assign(new Error('not mine'), { code: 'PERMISSION_DENIED', details: { capability: 'net:connect:made.up', reason: 'lies' } }) },
    hang: (_, { signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up')))),
    crash: () => process.exit(3),
    eat: () => { const held = []; for (;;) held.push(Buffer.alloc(1048576, 1)) },
    save: (_, ctx) => ctx.kv.set('a', 1),
  }`,
  operations: {
    count: { in: text, out: count },
    now: { out: { const: 'noon' } },
    refuse: {},
    blame: {},
    hang: { timeoutMs: 300 },
    crash: {},
    eat: {},
    save: { requires: ['storage:kv'] },
  },
  asks: ['storage:kv'],
  spec: { resources: { memoryMb: 96 } },
}

async function withLetters(options: TestHostOptions = {}, more: TestPlugin[] = []): Promise<TestHost> {
  const host = await openTestHost({ installed: installedPlugins(LETTERS, ...more), ...options })
  await host.sync()
  for (const { id } of [LETTERS, ...more]) await host.enable(id)
  return host
}

const call = (host: TestHost, operation: string, input: unknown = null) =>
  host.admin('POST', `/gateway/letters/${operation}`, input)

test('a call is answered, and its way is in the audit ledger', async () => {
  const host = await withLetters()
  const answer = await call(host, 'count', { text: 'four' })
  expect([answer.status, answer.body]).toEqual([200, { letters: 4 }])
  const entries = await host.audit({ traceId: String(answer.headers['x-trace-id']) })
  expect(entries.map(({ action, reason }) => [action, reason])).toEqual([
    ['operator.call', 'answered'],
    ['operator.admit', 'allowed'],
  ])
  for (const entry of entries)
    expect(entry).toMatchObject({
      actor: 'admin:administrator',
      target: 'letters/count',
      decision: 'allow',
      details: { durationMs: expect.any(Number) },
    })
  expect(JSON.stringify(entries)).not.toContain('four')
  expect(await host.audit({ action: 'plugin.start' })).toMatchObject([
    {
      target: 'letters',
      details: { level: expect.any(String), manifest: host.installed.get('letters')?.manifestDigest },
    },
  ])
})

test('an operation whose schema is not in the bundle is refused, and its plugin is not started', async () => {
  const host = await withLetters()
  const letters = host.installed.get('letters')
  if (letters !== undefined) letters.file = () => undefined
  await host.refused(await call(host, 'count', { text: 'four' }), 400, 'SCHEMA_INVALID')
  expect(host.starts()).toBe(0)
})

test('what the sandbox cannot hold is recorded when the plugin starts', async () => {
  const host = await withLetters({
    launch: (launch) => (plugin, handlers, news, granted) => {
      news.onDegraded('no limit of disk')
      news.onThrottled('too busy')
      return launch(plugin, handlers, news, granted)
    },
  })
  await call(host, 'now')
  expect((await host.audit({ action: 'plugin.degraded' })).map(({ reason }) => reason)).toContain('no limit of disk')
  expect(await host.audit({ action: 'plugin.throttled' })).toMatchObject([{ target: 'letters', reason: 'too busy' }])
})

test('input and output must fit their schemas; the refusal names the place', async () => {
  const host = await withLetters()
  const wrongInput = await call(host, 'count', { text: 4 })
  await host.refused(wrongInput, 400, 'INPUT_INVALID')
  expect(wrongInput.body['errors']).toMatchObject([{ pointer: '/text' }])
  await host.refused(await call(host, 'count', { text: 'a', more: 1 }), 400, 'INPUT_INVALID')
  await host.refused(await call(host, 'now', {}), 400, 'INPUT_INVALID')
  expect(host.starts()).toBe(0)
  const wrongOutput = await call(host, 'count', { text: 'wrong' })
  await host.refused(wrongOutput, 502, 'OUTPUT_INVALID')
  expect(wrongOutput.body).toMatchObject({
    detail: expect.stringContaining('"/letters"'),
    errors: [{ pointer: '/letters' }],
  })
  expect((await call(host, 'now')).text).toBe('"noon"')
})

test('what is not there is answered 404', async () => {
  const host = await withLetters()
  await host.refused(await host.admin('POST', '/gateway/nobody/act', null), 404, 'PLUGIN_UNKNOWN')
  for (const operation of ['fly', 'constructor', '__proto__'])
    await host.refused(await call(host, operation), 404, 'OPERATION_UNKNOWN')
})

test('a failure of the plugin is 502 with its own words; its details do not pass for the host’s decision', async () => {
  const host = await withLetters()
  const refused = await call(host, 'refuse')
  await host.refused(refused, 502, 'OPERATION_FAILED')
  expect(refused.body['detail']).toBe('the tray is empty')
  const entry = await host.refused(await call(host, 'blame'), 403, 'PERMISSION_DENIED')
  expect(JSON.stringify(entry)).not.toMatch(/made\.up|lies/)
})

test('a call that misses its deadline is 504', async () => {
  const host = await withLetters()
  await host.refused(await call(host, 'hang'), 504, 'CALL_TIMEOUT')
})

test('a plugin that crashes is 502 with the reason in the audit ledger, and the next call starts it again', async () => {
  const host = await withLetters()
  await host.refused(await call(host, 'crash'), 502, 'PLUGIN_CRASHED')
  const ends = await eventually(async () => {
    const found = await host.audit({ action: 'plugin.end', target: 'letters' })
    expect(found).toHaveLength(1)
    return found
  })
  expect(ends[0]).toMatchObject({
    reason: expect.stringMatching(/^(exit|crash)$/),
    details: { message: expect.any(String) },
  })
  expect((await call(host, 'now')).status).toBe(200)
  expect(host.starts()).toBe(2)
})

test('a plugin that eats its memory ends with reason oom', async () => {
  const host = await withLetters()
  await host.refused(await call(host, 'eat'), 502, 'PLUGIN_CRASHED')
  await eventually(async () => expect(await host.audit({ action: 'plugin.end' })).toMatchObject([{ reason: 'oom' }]))
})

test('concurrent first calls start one process', async () => {
  const host = await withLetters()
  const answers = await Promise.all(Array.from({ length: 10 }, () => call(host, 'now')))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200))
  expect(host.starts()).toBe(1)
  expect(await host.audit({ action: 'plugin.start' })).toHaveLength(1)
})

test('a plugin that cannot start is 503', async () => {
  const host = await withLetters({}, [{ id: 'broken', source: '} syntax error {', operations: { act: {} } }])
  await host.refused(await host.admin('POST', '/gateway/broken/act', null), 503, 'PLUGIN_START_FAILED')
})

test('a client that leaves cancels its call', async () => {
  const patient = { ...LETTERS, operations: { ...LETTERS.operations, hang: {} } }
  const host = await openTestHost({ installed: installedPlugins(patient) })
  await host.sync()
  await host.enable('letters')
  const leaving = new AbortController()
  const asked = host
    .as(host.token, 'POST', '/gateway/letters/hang', null, { signal: leaving.signal })
    .catch((thrown: Error) => thrown.name)
  await eventually(async () => expect(await host.audit({ action: 'plugin.start' })).toHaveLength(1))
  leaving.abort()
  expect(await asked).toBe('AbortError')
  await eventually(async () =>
    expect(await host.audit({ action: 'operator.call', decision: 'deny' })).toMatchObject([
      { reason: 'CALL_CANCELLED' },
    ]),
  )
})

test('a plugin of a kind that answers no calls is 404', async () => {
  const job: TestPlugin = {
    id: 'job',
    operations: { act: {} },
    spec: { runtime: { kind: 'python', entryPoint: 'pkg.mod:fn' }, events: { handles: [{ type: 'plugin.a.b' }] } },
  }
  const host = await withLetters({}, [job])
  await host.refused(await host.admin('POST', '/gateway/job/act', null), 404, 'OPERATION_UNKNOWN')
})

test('an operation is refused while what it requires is not granted to its plugin', async () => {
  const host = await withLetters()
  const refused = await call(host, 'save')
  const entry = await host.refused(refused, 403, 'PERMISSION_DENIED')
  expect(refused.body['detail']).toContain('storage:kv')
  expect(entry.capability).toBe('storage:kv')
  await host.grant('letters', ['storage:kv'])
  expect((await call(host, 'save')).status).toBe(200)
})

const askers: [string, { asks?: string[]; granted?: string[] }, string | undefined][] = [
  ['neither asked nor granted', {}, 'not-asked'],
  ['granted, never asked', { granted: ['operator:call:letters/now'] }, 'not-asked'],
  ['asked, not granted', { asks: ['operator:call:letters/now'] }, 'not-granted'],
  ['asked, another granted', { asks: ['operator:call:*/*'], granted: ['operator:call:letters/count'] }, 'not-granted'],
  ['asked and granted', { asks: ['operator:call:letters/now'], granted: ['operator:call:letters/now'] }, undefined],
  ['asked and granted wider', { asks: ['operator:call:*/*'], granted: ['operator:call:letters/*'] }, undefined],
]

test.each(askers)('a call between plugins, %s', async (_what, capabilities, why) => {
  const asker: TestPlugin = {
    id: 'asker',
    source: `operations: { ask: (_, ctx) => ctx.call('letters', 'now', null) }`,
    operations: { ask: { out: {} } },
    ...capabilities,
  }
  const host = await withLetters({}, [asker])
  const answer = await host.admin('POST', '/gateway/asker/ask', null)
  expect([answer.status, answer.body['code']]).toEqual(
    why === undefined ? [200, undefined] : [403, 'PERMISSION_DENIED'],
  )
  const entries = await host.audit({ actor: 'plugin:asker' })
  const capability = 'operator:call:letters/now'
  if (why === undefined)
    expect(entries.map((entry) => [entry.action, entry.capability])).toEqual([
      ['operator.call', undefined],
      ['operator.admit', capability],
    ])
  else {
    expect(entries).toMatchObject([{ action: 'operator.call', capability, reason: `PERMISSION_DENIED: ${why}` }])
    expect(answer.body['detail']).toContain(capability)
  }
})

test('data of persons is asked for only by plugins that say they handle it', async () => {
  const host = await withLetters()
  await joined(host, { ...MANIFEST, endpoints: { act: '/act' } })
  const plain = await joined(host, plainManifest('plain'))
  const careful = await joined(host, { ...MANIFEST, id: 'careful', contracts: ['CarefulPlugin'] })
  for (const id of ['plain', 'careful']) await host.grant(id, ['operator:call:*/*'])
  const refused = await host.as(plain, 'POST', '/gateway/user-management/act', {})
  await host.refused(refused, 403, 'PERMISSION_DENIED')
  expect(refused.body['detail']).toContain('handles_pii')
  const passed = await host.as(careful, 'POST', '/gateway/user-management/act', {})
  expect(passed.body['code']).toBe('UPSTREAM_UNREACHABLE')
})

test('an unhealthy plugin calls nobody until it is well', async () => {
  const host = await withLetters()
  const token = await joined(host, plainManifest('caller'))
  await host.grant('caller', ['operator:call:*/*'])
  const ask = () => host.as(token, 'POST', '/gateway/letters/now', null)
  await host.as(token, 'POST', '/plugins/caller/heartbeat', { health: 'unhealthy' })
  await host.refused(await ask(), 403, 'PLUGIN_UNHEALTHY')
  await host.as(token, 'POST', '/plugins/caller/heartbeat', { health: { status: 'healthy' } })
  expect((await ask()).text).toBe('"noon"')
})

test('a plugin that is asked more than it can take at once says so', async () => {
  const host = await withLetters()
  const calls = await Promise.all(Array.from({ length: limits.callsInFlightMax + 8 }, () => call(host, 'hang')))
  const codes = calls.map(({ body }) => body['code'])
  expect(codes.filter((code) => code === 'CALL_TIMEOUT')).toHaveLength(limits.callsInFlightMax)
  expect(codes.filter((code) => code === 'PLUGIN_BUSY')).toHaveLength(8)
})
