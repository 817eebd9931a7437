import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ECHO, market, stepper } from './market.ts'

test('a level for code that somebody vouches for takes a plugin once an operator, not only a registry, trusts its signer', async () => {
  const { publish, host, tenon, project, registry } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  const { adminToken } = await host(['--isolation', 'F'])
  const as = (argv: readonly string[]) => tenon(argv, { env: { TENON_TOKEN: adminToken } })
  const step = stepper(as)
  await step('plugin', 'install', 'acme/echoing')
  await step('plugin', 'enable', 'echoing')
  const call = ['call', 'echoing', 'act', '--input', 'tenon.json']
  const refused = await as(call)
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('F: not for code that no verified signer vouches for'),
  ])
  const { items } = (await (await fetch(`${registry.url}/keys`)).json()) as { items: { publicKey: string }[] }
  writeFileSync(join(project, 'acme.pem'), items[0]?.publicKey ?? '')
  await step('key', 'trust', 'acme.pem', '--publisher', 'acme')
  await step(...call)
  expect(await step('plugin', 'inspect', 'echoing')).toMatch(/^echoing 1\.0\.0: active, \w+, level F\n/)
})
