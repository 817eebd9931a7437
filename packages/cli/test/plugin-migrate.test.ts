import { expect, test } from 'vitest'
import { market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export const act = async (_input: object, ctx: Context): Promise<object> => {
  await ctx.kv.set('a', 1)
  return {}
}
`

const STEPPING = `import { definePlugin } from '@tenon/sdk'
// <auto:begin id=operations gen=node@2 sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855>
// <auto:end id=operations>

const migrations = [
  { to: 2, up: async (kv) => kv.set('a', 2) },
  { to: 3, up: async (kv) => kv.set('a', 3) },
]
export default definePlugin({ operations, migrations })
`

test('a migration is tried and done, and says what it is about', async () => {
  const { publish, tenon } = await market()
  const permissions = [{ capability: 'storage:kv', reason: 'keeps' }]
  const version = (schemaVersion: number, files: Record<string, string> = {}) => ({
    id: 'keeper',
    spec: { version: `1.${schemaVersion}.0`, permissions, storage: { quotaMb: 1, schemaVersion } },
    files: { 'src/act.ts': KEEPS, ...files },
  })
  await publish(version(1))
  const step = stepper(tenon)
  await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
  await step('plugin', 'enable', 'keeper')
  await step('call', 'keeper', 'act', '--input', 'tenon.json')
  expect(await step('plugin', 'migrate', 'keeper')).toBe('nothing to migrate\n')
  await publish(version(2), 'second')
  await step('plugin', 'install', 'acme/keeper@1.2.0')
  const { code, stderr } = await tenon(['plugin', 'migrate', 'keeper', '--dry-run'])
  expect([code, stderr]).toEqual([2, expect.stringContaining('the plugin has no migration to version 2')])
  await publish(version(3, { 'src/plugin.ts': STEPPING }), 'third')
  await step('plugin', 'install', 'acme/keeper@1.3.0')
  const line = 'keys: version 1 → 3, 1 of them changed\n'
  expect(await step('plugin', 'migrate', 'keeper', '--dry-run')).toBe(`it would go well:\n${line}`)
  expect(await step('plugin', 'migrate', 'keeper')).toBe(line)
  expect(await step('plugin', 'migrate', 'keeper')).toBe('nothing to migrate\n')
})
