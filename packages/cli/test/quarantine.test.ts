import { expect, test } from 'vitest'
import { ECHO, market, stepper } from './market.ts'

const FAILING = `import { definePlugin } from '@tenon/sdk'
// <auto:begin id=operations gen=node@2 sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855>
// <auto:end id=operations>

const start = () => { throw new Error('no licence') }
export default definePlugin({ operations, start })
`

test('a plugin that does not start is listed as quarantined, with the reason, until it is enabled', async () => {
  const { publish, tenon } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO, 'src/plugin.ts': FAILING } })
  const step = stepper(tenon)
  await step('plugin', 'install', 'acme/echoing')
  await step('plugin', 'enable', 'echoing')
  const call = () => tenon(['call', 'echoing', 'act', '--input', 'tenon.json'])
  expect((await call()).stderr).toContain('PLUGIN_START_FAILED: echoing did not start: no licence')
  expect(await step('plugin', 'list')).toMatch(/^echoing +1\.0\.0 +node +quarantined /m)
  expect(await step('plugin', 'inspect', 'echoing')).toMatch(
    /^echoing 1\.0\.0: quarantined, unknown\nquarantined because: echoing did not start: no licence\n/,
  )
  expect((await call()).stderr).toContain('PLUGIN_DISABLED: "echoing" is quarantined')
  await step('plugin', 'enable', 'echoing')
  expect(await step('plugin', 'list')).toMatch(/^echoing +1\.0\.0 +node +active /m)
})
