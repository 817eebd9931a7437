import { chmodSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'
import { asking, until } from '../harness/tenon.ts'

const files = { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' }

test('an override needs two where there are two, is for one bundle and finding, expires on its own, and lifts no change of a file', async () => {
  const platform = await startPlatform()
  const { admin, host } = platform
  await platform.publish(await writePlugin(platform.home, { id: 'sound', files }))
  await platform.install('acme/sound')
  await platform.enable('sound')
  const call = () => admin('POST', '/gateway/sound/act', {})
  const view = async () => (await admin('GET', '/plugins/sound')).body
  expect((await call()).status).toBe(200)
  await admin('POST', '/admin/plugins/sound/revoke', { why: 'a scanner says so' })
  expect((await call()).body.code).toBe('BUNDLE_REVOKED')

  const bob = asking(host.url, (await admin('POST', '/admin/users', { name: 'bob' })).body.token)
  const { signer, manifest } = (await view()).verification
  const wish = { plugin: 'sound', digest: manifest, finding: 'BUNDLE_REVOKED', why: 'we looked', lifetimeMs: 8_000 }
  expect((await admin('POST', '/admin/overrides', { ...wish, digest: signer })).body.code).toBe('OVERRIDE_INVALID')
  const { id } = (await admin('POST', '/admin/overrides', wish)).body
  expect((await admin('POST', `/admin/overrides/${id}/approve`)).body.code).toBe('PERMISSION_DENIED')
  expect((await call()).body.code).toBe('BUNDLE_REVOKED')
  expect((await bob('POST', `/admin/overrides/${id}/approve`)).body).toMatchObject({ state: 'approved' })
  expect((await call()).status).toBe(200)

  await until('it has expired and what ran by it has ended', async () => !('level' in (await view())))
  expect((await call()).body.code).toBe('BUNDLE_REVOKED')
  const uses = (await admin('GET', '/admin/audit?action=override.use')).body.items
  expect(uses).toMatchObject([
    { target: 'sound', details: { override: id, digest: manifest, finding: 'BUNDLE_REVOKED' } },
  ])

  const again = (await bob('POST', '/admin/overrides', { ...wish, lifetimeMs: 3_600_000 })).body.id
  await admin('POST', `/admin/overrides/${again}/approve`)
  const store = join(platform.workspace, '.tenon/store')
  const changed = join(store, readdirSync(store)[0] ?? '', 'files/src/act.ts')
  chmodSync(changed, 0o644)
  writeFileSync(changed, `${files['src/act.ts']}// changed\n`)
  expect((await call()).body.code).toBe('BUNDLE_CONTENT_MISMATCH')
  const refused = await bob('POST', '/admin/overrides', { ...wish, finding: 'BUNDLE_CONTENT_MISMATCH' })
  expect([refused.body.code, refused.body.detail]).toEqual([
    'OVERRIDE_INVALID',
    expect.stringContaining('"BUNDLE_CONTENT_MISMATCH" is nothing that can be overridden'),
  ])
  expect((await platform.tenon(['ledger', 'verify'])).code).toBe(0)
})
