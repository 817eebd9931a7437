import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fakeHost, type FakeHost } from './fake-host.ts'
import { folderFor, running, startBeside } from './running.ts'

const REGISTER = '/plugins/register'
const HEARTBEAT = '/plugins/user-management/heartbeat'
const read = (path: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')) as Record<string, unknown>

test('registers with its manifest and the enrolment secret', async (context) => {
  const { host } = await running(context)
  const [asked] = host.at(REGISTER)
  assert.equal(asked?.enrolment, 'the-secret')
  assert.deepEqual(asked?.body, read('src/host-manifest.json'))
})

test('registers without a secret where none is set', async (context) => {
  const { host } = await running(context, { enrolmentSecret: undefined })
  assert.equal(host.at(REGISTER)[0]?.enrolment, undefined)
})

test('beats with the token that it was given', async (context) => {
  const { host } = await running(context, { heartbeatMs: 5 })
  await host.asked(HEARTBEAT, 3)
  const [beat] = host.at(HEARTBEAT)
  assert.deepEqual([beat?.authorization, beat?.body], ['Bearer plugin-token-1', { health: 'healthy' }])
})

test('goes on beating when a beat fails, and tries to register until the host is there', async (context) => {
  const host = await fakeHost()
  context.after(() => host.close())
  const { [REGISTER]: registers, [HEARTBEAT]: beats } = host.answers
  host.answers[REGISTER] = () => ({ status: 503, body: {} })
  host.answers[HEARTBEAT] = () => ({ status: 403, body: { code: 'PLUGIN_DISABLED' } })
  const plugin = await startBeside(context, host, { heartbeatMs: 5 })
  await host.asked(REGISTER, 3)
  if (registers !== undefined) host.answers[REGISTER] = registers
  await host.asked(HEARTBEAT, 3)
  if (beats !== undefined) host.answers[HEARTBEAT] = beats
  await host.asked(HEARTBEAT, 6)
  assert.ok(plugin.log.some((line) => line.includes('PLUGIN_DISABLED')))
})

test('registers again when the host does not know its token any more', async (context) => {
  const { host } = await running(context, { heartbeatMs: 5 })
  const beats = host.answers[HEARTBEAT]
  host.answers[HEARTBEAT] = () => ({ status: 401, body: {} })
  await host.asked(REGISTER, 2)
  if (beats !== undefined) host.answers[HEARTBEAT] = beats
  const before = host.at(HEARTBEAT).length
  await host.asked(HEARTBEAT, before + 2)
  assert.equal(host.at(HEARTBEAT).at(-1)?.authorization, `Bearer plugin-token-${host.at(REGISTER).length}`)
})

test('registers again with its token when its manifest has changed, and lets nobody else read the token', async (context) => {
  const host = await fakeHost()
  context.after(() => host.close())
  const path = join(folderFor(context), 'users.db')
  const first = await startBeside(context, host, { database: path })
  await host.asked(REGISTER)
  await first.stop()
  assert.equal(statSync(path).mode & 0o077, 0)
  const database = new DatabaseSync(path)
  database.exec("UPDATE membership SET manifest = '{}'")
  database.close()
  await startBeside(context, host, { database: path })
  await host.asked(REGISTER, 2)
  const [before, after] = host.at(REGISTER)
  assert.deepEqual([before?.authorization, after?.authorization], [undefined, 'Bearer plugin-token-1'])
})

test('ends when the host refuses it', async (context) => {
  const host = await fakeHost()
  context.after(() => host.close())
  host.answers[REGISTER] = () => ({ status: 403, body: { code: 'ENROLMENT_INVALID', detail: 'no such secret' } })
  const plugin = await startBeside(context, host, {})
  await assert.rejects(plugin.ended, /403: ENROLMENT_INVALID no such secret/)
})

test('says the same of itself in both manifests', () => {
  const [spec, manifest] = [read('plugin.spec.json'), read('src/host-manifest.json')]
  for (const key of ['id', 'name', 'version', 'description', 'contracts', 'traits'])
    assert.deepEqual(manifest[key], spec[key], key)
  const { runtime, security, compliance, health, resources, dependencies } = spec as Record<
    string,
    Record<string, unknown>
  >
  assert.deepEqual(manifest['endpoints'], runtime?.['endpoints'])
  assert.deepEqual(manifest['dependencies'], Object.keys(dependencies ?? {}))
  assert.deepEqual(manifest['security'], {
    authentication_required: security?.['authenticationRequired'],
    data_classification: security?.['dataClassification'],
  })
  assert.deepEqual(manifest['compliance'], {
    hipaa_controls: compliance?.['hipaaControls'],
    audit_level: compliance?.['auditLevel'],
  })
  const { timeout, ...check } = manifest['health_check'] as { timeout: number }
  assert.deepEqual({ ...check, timeoutMs: timeout * 1000 }, health?.['check'])
  assert.deepEqual(manifest['resources'], { memory_limit: resources?.['memoryMb'], cpu_limit: resources?.['cpu'] })
})

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url))

/** The plugin as it is really run: `node src/server.ts`. */
async function spawned(context: TestContext, host: FakeHost, folder: string) {
  const child = spawn(process.execPath, [SERVER], {
    env: { TENON_URL: host.url, TENON_ENROLMENT_SECRET: 's', USER_MANAGEMENT_DB: join(folder, 'users.db'), PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { port } = JSON.parse(line) as { port: number }
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>
  return { child, ended, url: `http://127.0.0.1:${port}/api/users` }
}

test('keeps its profiles and its token when it is killed, and ends in peace when it is told to', async (context) => {
  const host = await fakeHost()
  context.after(() => host.close())
  const folder = folderFor(context)
  const first = await spawned(context, host, folder)
  const headers = { authorization: `Bearer ${host.token()}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ username: 'ada', email: 'ada@openlab.test' })
  await host.asked(REGISTER)
  const created = (await (await fetch(first.url, { method: 'POST', headers, body })).json()) as { id: string }
  first.child.kill('SIGKILL')
  await first.ended
  const second = await spawned(context, host, folder)
  const found = await fetch(`${second.url}/${created.id}`, { headers })
  assert.deepEqual(await found.json(), created)
  assert.equal(host.at('/messaging/events').length, 1)
  await host.asked(HEARTBEAT)
  assert.equal(host.at(HEARTBEAT)[0]?.authorization, 'Bearer plugin-token-1')
  assert.equal(host.at(REGISTER).length, 1)
  second.child.kill('SIGTERM')
  assert.deepEqual(await second.ended, [0, null])
})

test('does not start without knowing its host', async () => {
  const child = spawn(process.execPath, [SERVER], { env: {}, stdio: ['ignore', 'ignore', 'pipe'] })
  const [chunks, [code]] = (await Promise.all([child.stderr.toArray(), once(child, 'exit')])) as [Buffer[], [number]]
  assert.equal(code, 1)
  assert.match(Buffer.concat(chunks).toString(), /TENON_URL and USER_MANAGEMENT_DB must be set/)
})
