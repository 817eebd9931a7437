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

const permissions = [{ capability: 'storage:kv', reason: 'keeps' }]
const version = (schemaVersion: number, files: Record<string, string> = {}) => ({
  id: 'keeper',
  spec: { version: `1.${schemaVersion}.0`, permissions, storage: { quotaMb: 1, schemaVersion } },
  files: { 'src/act.ts': KEEPS, ...files },
})

test('a migration is tried and done, and says what it is about', async () => {
  const { publish, tenon } = await market()
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

test('no version comes back that would not start over what a later one stored', async () => {
  const { publish, tenon } = await market()
  const step = stepper(tenon)
  await publish(version(1))
  await publish({ id: 'other', files: { 'src/act.ts': KEEPS } })
  await step('plugin', 'install', 'acme/keeper', '--grant', 'storage:kv')
  await step('plugin', 'enable', 'keeper')
  await publish(version(3, { 'src/plugin.ts': STEPPING }), 'third')
  await step('call', 'keeper', 'act', '--input', 'tenon.json')
  const update = () => step('plugin', 'install', 'acme/keeper@1.3.0', '--grant', 'storage:kv')
  await update()
  expect(await step('plugin', 'rollback')).toContain('keeper 1.1.0')
  await update()
  await step('admin', 'storage', 'backup', 'before.db')
  await step('plugin', 'migrate', 'keeper')

  const refused = await tenon(['plugin', 'rollback'])
  expect([refused.code, refused.stderr]).toEqual([
    3,
    `error STORAGE_NEWER: keeper 1.1.0 would not start over what a later version stored
  /plugins/keeper the keys of "keeper" are of version 3, and it knows version 1
hint: Stay with what is installed, or restore a backup of before ("tenon admin storage restore") and roll back then.
`,
  ])
  expect(await step('plugin', 'list')).toMatch(/^keeper +1\.3\.0 /m)
  const recorded = await step('admin', 'audit', '--action', 'workspace.rollback', '--json')
  expect(JSON.parse(recorded).items).toMatchObject([{ actor: 'workspace', target: 'keeper', decision: 'deny' }])

  await step('plugin', 'install', 'acme/other')
  expect(await step('plugin', 'rollback')).toContain('keeper 1.3.0')
  await step('admin', 'storage', 'restore', 'before.db')
  expect(await step('plugin', 'rollback')).toContain('keeper 1.1.0')
})
