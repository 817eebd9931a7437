import { expect, test } from 'vitest'
import { market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export const act = async (_input: object, ctx: Context): Promise<object> => {
  await ctx.kv.set('a', 1)
  return {}
}
`

test('a migration is tried and done, and says what it is about', async () => {
  const { publish, tenon } = await market()
  const permissions = [{ capability: 'storage:kv', reason: 'keeps' }]
  const version = (schemaVersion: number) => ({
    id: 'keeper',
    spec: { version: `1.${schemaVersion}.0`, permissions, storage: { quotaMb: 1, schemaVersion } },
    files: { 'src/act.ts': KEEPS },
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
})
