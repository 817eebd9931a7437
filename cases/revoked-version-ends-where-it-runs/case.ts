import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'
import { until } from '../harness/tenon.ts'

const files = { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' }

test('what its publisher revokes ends on the host that installed it, by itself, and is installed nowhere again', async () => {
  const platform = await startPlatform()
  const { admin, registry, tenon } = platform
  await platform.publish(await writePlugin(platform.home, { id: 'faulty', files }))
  await platform.publish(await writePlugin(platform.home, { id: 'sound', files }))
  for (const id of ['faulty', 'sound']) {
    await platform.install(`acme/${id}`)
    await platform.enable(id)
  }
  const call = (id: string) => admin('POST', `/gateway/${id}/act`, {})
  const isRunning = async (id: string): Promise<boolean> => 'level' in (await admin('GET', `/plugins/${id}`)).body
  for (const id of ['faulty', 'sound']) expect((await call(id)).status).toBe(200)
  const revoked = await tenon(['plugin', 'revoke', 'faulty@1.0.0', '--why', 'it forgets', '--registry', registry.url], {
    env: { TENON_TOKEN: registry.adminToken },
  })
  expect([revoked.code, revoked.stdout]).toEqual([0, `faulty@1.0.0 is revoked at ${registry.url}\n`])
  await until('the host has heard of it', async () => !(await isRunning('faulty')))
  expect(await isRunning('sound')).toBe(true)
  const refused = await call('faulty')
  expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
    403,
    'BUNDLE_REVOKED',
    expect.stringMatching(/^faulty@1\.0\.0 was revoked at \S+Z: it forgets$/),
  ])
  const { items } = (await admin('GET', '/admin/audit?action=plugin.refused&target=faulty')).body
  expect(items.map(({ reason }: { reason: string }) => reason.split(':')[0])).toEqual([
    'BUNDLE_REVOKED',
    'BUNDLE_REVOKED',
  ])
  const elsewhere = await tenon(['plugin', 'install', 'acme/faulty', '--workspace', join(platform.home, 'elsewhere')])
  expect([elsewhere.code, elsewhere.stderr]).toEqual([3, expect.stringContaining('RESOLVE_UNSATISFIABLE')])
  expect((await call('sound')).status).toBe(200)
})
