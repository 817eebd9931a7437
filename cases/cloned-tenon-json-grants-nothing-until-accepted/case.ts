import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'
import { tenonIn } from '../harness/tenon.ts'

const ACT = `import type { Context } from '@tenon/sdk'
export async function act(_input: object, ctx: Context): Promise<object> {
  await ctx.kv.set('a', 1)
  return {}
}
`

test('the grants of a tenon.json that came from elsewhere count only once accepted on this machine', async () => {
  const platform = await startPlatform()
  const spec = { permissions: [{ capability: 'storage:kv', reason: 'remembers' }] }
  await platform.publish(await writePlugin(platform.home, { id: 'keeper', spec, files: { 'src/act.ts': ACT } }))
  await platform.install('acme/keeper', ['storage:kv'])
  await platform.enable('keeper')
  expect((await platform.admin('POST', '/gateway/keeper/act', {})).status).toBe(200)

  const elsewhere = join(platform.home, 'elsewhere')
  const clone = join(elsewhere, 'clone')
  mkdirSync(clone, { recursive: true })
  for (const name of ['tenon.json', 'tenon.lock']) copyFileSync(join(platform.workspace, name), join(clone, name))
  const tenon = tenonIn(elsewhere)
  const run = (...args: string[]) => tenon(args, { cwd: clone, env: { TENON_REGISTRY_URL: platform.registry.url } })
  expect((await run('plugin', 'install')).code).toBe(0)
  expect((await run('plugin', 'enable', 'keeper')).code).toBe(0)
  const refused = await run('call', 'keeper', 'act', '--input', join(platform.home, 'keeper/examples/act_request.json'))
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('storage:kv')])
  expect((await run('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')).code).toBe(0)
  expect(
    (await run('call', 'keeper', 'act', '--input', join(platform.home, 'keeper/examples/act_request.json'))).code,
  ).toBe(0)
})
