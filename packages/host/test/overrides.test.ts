import { beforeEach, describe, expect, test } from 'vitest'
import { TenonError } from '@tenon/contract'
import { wallWorld } from '@tenon/testkit'
import type { Answered } from './ask.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'
import { installedPlugins } from './installed-plugins.ts'

const ECHO = {
  id: 'echo',
  source: `operations: { say: (input) => input }`,
  operations: { say: { in: {}, out: {} } },
}
const REVOKED = new TenonError('KEY_REVOKED', 'echo@1.0.0 is signed by a key that was revoked')
const CHANGED = new TenonError('BUNDLE_CONTENT_MISMATCH', 'the stored "echo" was changed')
const DAY = 24 * 3_600_000

let host: TestHost
let passed: number

beforeEach(async () => {
  passed = 0
  const wall = wallWorld()
  const world = { ...wall, now: () => wall.now() + passed }
  host = await openTestHost({ world, installed: installedPlugins(ECHO) })
  await host.sync()
  await host.enable('echo')
  host.installed.fault('echo', REVOKED, true)
})

const say = (): Promise<Answered> => host.admin('POST', '/gateway/echo/say', 1)
const digest = (): string => String(host.installed.get('echo')?.manifestDigest)
const wish = (changes: object = {}): object => ({
  ...{ plugin: 'echo', digest: digest(), finding: 'KEY_REVOKED', why: 'a false alarm', lifetimeMs: 7 * DAY },
  ...changes,
})
const request = (changes: object = {}, token = host.token): Promise<Answered> =>
  host.as(token, 'POST', '/admin/overrides', wish(changes))
const step = (verb: 'approve' | 'revoke', id: unknown, token = host.token): Promise<Answered> =>
  host.as(token, 'POST', `/admin/overrides/${String(id)}/${verb}`)
const another = async (name = 'bob'): Promise<string> =>
  String((await host.admin('POST', '/admin/users', { name })).body['token'])
const steps = async (): Promise<unknown[]> =>
  (await host.audit({ target: 'echo' }))
    .filter(({ action }) => action.startsWith('override.'))
    .map(({ action, actor, reason }) => [action.replace('override.', ''), actor, reason])
    .toReversed()

describe('where there is one administrator', () => {
  test('an override is in force at once, for that finding, and each start by it is in the ledger', async () => {
    await host.refused(await say(), 403, 'KEY_REVOKED')
    const made = await request()
    expect([made.status, made.body]).toMatchObject([
      201,
      {
        state: 'approved',
        requestedBy: 'admin:administrator',
        approvedBy: 'admin:administrator',
        finding: 'KEY_REVOKED',
      },
    ])
    expect((await say()).status).toBe(200)
    expect(await steps()).toEqual([
      ['request', 'admin:administrator', 'a false alarm'],
      ['approve', 'admin:administrator', 'this host has one administrator'],
      ['use', 'host', 'KEY_REVOKED: a false alarm'],
    ])
    const [use] = await host.audit({ action: 'override.use' })
    expect(use?.details).toEqual({ override: made.body['id'], digest: digest(), finding: 'KEY_REVOKED' })
    const { verification } = (await host.admin('GET', '/plugins/echo')).body
    expect(verification).toMatchObject({
      refusals: [],
      waived: [{ code: 'KEY_REVOKED', override: made.body['id'], expiresAt: made.body['expiresAt'] }],
    })
    host.installed.fault('echo', new TenonError('BUNDLE_REVOKED', 'echo@1.0.0 was revoked'), true)
    await host.host.admissions.reconsider()
    await host.refused(await say(), 403, 'BUNDLE_REVOKED')
  })

  test('it expires on its own: nothing starts by it any more, and what runs ends', async () => {
    await request({ lifetimeMs: 60_000 })
    expect((await say()).status).toBe(200)
    passed = 59_000
    await host.host.admissions.reconsider()
    expect((await host.admin('GET', '/plugins/echo')).body).toHaveProperty('level')
    passed = 61_000
    await host.host.admissions.reconsider()
    expect((await host.admin('GET', '/plugins/echo')).body).not.toHaveProperty('level')
    await host.refused(await say(), 403, 'KEY_REVOKED')
    const { overrides } = (await host.admin('GET', '/admin/overrides')).body as { overrides: object[] }
    expect(overrides).toMatchObject([{ state: 'expired' }])
  })

  test('it is for one bundle: an update is not covered', async () => {
    await request()
    host.installed.install({ ...ECHO, source: `operations: { say: (input) => [input] }` })
    await host.sync()
    await host.refused(await say(), 403, 'KEY_REVOKED')
  })

  test('revoking it ends what runs by it', async () => {
    const { body } = await request()
    expect((await say()).status).toBe(200)
    expect((await step('revoke', body['id'])).body).toMatchObject({
      state: 'revoked',
      revokedBy: 'admin:administrator',
    })
    expect((await host.admin('GET', '/plugins/echo')).body).not.toHaveProperty('level')
    await host.refused(await say(), 403, 'KEY_REVOKED')
    await host.refused(await step('revoke', body['id']), 400, 'OVERRIDE_INVALID')
    await host.refused(await step('approve', body['id']), 400, 'OVERRIDE_INVALID')
  })

  test('nothing lifts a file that was changed', async () => {
    await request()
    host.installed.fault('echo', CHANGED)
    await host.refused(await say(), 400, 'BUNDLE_CONTENT_MISMATCH')
    expect(await host.audit({ action: 'override.use' })).toEqual([])
    for (const finding of ['BUNDLE_CONTENT_MISMATCH', 'BUNDLE_SIGNATURE_INVALID', 'KEY_UNTRUSTED', 'toString'])
      await host.refused(await request({ finding }), 400, 'OVERRIDE_INVALID')
  })

  test('what is asked for wrongly is refused with all that is wrong', async () => {
    const wrong = await request({ digest: `sha256:${'0'.repeat(64)}`, finding: 'PLUGIN_CRASHED', lifetimeMs: 31 * DAY })
    expect(wrong.body['errors']).toMatchObject(['/digest', '/finding', '/lifetimeMs'].map((pointer) => ({ pointer })))
    await host.refused(wrong, 400, 'OVERRIDE_INVALID')
    await host.refused(await request({ lifetimeMs: 999 }), 400, 'OVERRIDE_INVALID')
    await host.refused(await request({ plugin: 'nobody' }), 400, 'OVERRIDE_INVALID')
    expect((await request({ why: '' })).body['code']).toBe('HTTP_INVALID')
    await host.refused(await step('approve', '01JQZ3K5V7W9X2Y4Z6A8B0C1D2'), 404, 'OVERRIDE_UNKNOWN')
    expect((await host.admin('GET', '/admin/overrides')).body).toEqual({ overrides: [] })
  })
})

describe('where there are more administrators', () => {
  test('an override waits for another than the one who asked', async () => {
    const bob = await another()
    const { body } = await request()
    expect(body).toMatchObject({ state: 'requested' })
    expect(body).not.toHaveProperty('approvedBy')
    await host.refused(await say(), 403, 'KEY_REVOKED')
    const own = await host.refused(await step('approve', body['id']), 403, 'PERMISSION_DENIED')
    expect(own).toMatchObject({ actor: 'admin:administrator', action: 'override.approve' })
    await host.refused(await say(), 403, 'KEY_REVOKED')
    expect((await step('approve', body['id'], bob)).body).toMatchObject({ state: 'approved', approvedBy: 'admin:bob' })
    expect((await say()).status).toBe(200)
    await host.refused(await step('approve', body['id'], bob), 400, 'OVERRIDE_INVALID')
  })

  test('what was asked for can be taken back, and expires, before anybody approves it', async () => {
    const bob = await another()
    const first = (await request({ lifetimeMs: 60_000 })).body['id']
    const second = (await request({ lifetimeMs: 60_000 }, bob)).body['id']
    expect((await step('revoke', second, bob)).body).toMatchObject({ state: 'revoked' })
    await host.refused(await step('approve', second), 400, 'OVERRIDE_INVALID')
    passed = 60_000
    await host.refused(await step('approve', first, bob), 400, 'OVERRIDE_INVALID')
    await host.refused(await say(), 403, 'KEY_REVOKED')
  })

  test('who is left alone approves what it asked for', async () => {
    await another()
    const { body } = await request()
    await host.admin('DELETE', '/admin/users/bob')
    expect((await step('approve', body['id'])).body).toMatchObject({ state: 'approved' })
  })
})

test('a plugin neither asks for an override nor sees one', async () => {
  const manifest = {
    ...{ id: 'p', name: 'p', version: '1.0.0', contracts: ['PPlugin'], traits: ['t'] },
    security: { authentication_required: true, data_classification: ['public'] },
  }
  const token = await host.register(manifest)
  expect((await request({}, token)).status).toBe(401)
  expect((await host.as(token, 'GET', '/admin/overrides')).status).toBe(401)
})

test('an override and its approval outlive the host', async () => {
  await request()
  const reopened = await openTestHost({ installed: host.installed, folder: host.folder })
  expect((await reopened.admin('GET', '/admin/overrides')).body).toMatchObject({ overrides: [{ state: 'approved' }] })
})

test('where the ledger cannot be written, nothing runs by an override', async () => {
  let isFull = false
  const full = await openTestHost({
    installed: host.installed,
    audit: (audit) => ({
      ...audit,
      record: (entry) =>
        isFull && entry.action === 'override.use' ? Promise.reject(new Error('no ledger')) : audit.record(entry),
    }),
  })
  await full.sync()
  await full.enable('echo')
  await full.admin('POST', '/admin/overrides', wish())
  isFull = true
  expect((await full.admin('POST', '/gateway/echo/say', 1)).status).toBe(500)
  expect(full.starts()).toBe(0)
})
