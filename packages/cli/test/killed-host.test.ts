import { mkdirSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asking, serve } from '../../../cases/harness/tenon.ts'
import { market, stepper } from './market.ts'

const KEEPS = `import type { Context } from '@tenon/sdk'
export async function act(input: { n: number }, ctx: Context): Promise<object> {
  await ctx.kv.set('n' + input.n, input.n)
  await ctx.events.publish('plugin.keeper.done', { n: input.n })
  return { keys: await ctx.kv.list() }
}
`

test('a host that was killed while it served starts again at once, with all that it had answered for', async () => {
  const { publish, tenon, home, project } = await market()
  const step = stepper(tenon)
  const wishes = ['storage:kv', 'event:publish:plugin.keeper.done']
  const permissions = wishes.map((capability) => ({ capability, reason: 'it keeps' }))
  const events = { emits: [{ type: 'plugin.keeper.done', version: 1, schema: 'schemas/done.schema.json' }] }
  const files = { 'src/act.ts': KEEPS, 'schemas/done.schema.json': '{ "type": "object" }' }
  await publish({ id: 'keeper', spec: { permissions, events }, files })
  await step('plugin', 'install', 'acme/keeper', ...wishes.flatMap((wish) => ['--grant', wish]))
  await step('plugin', 'enable', 'keeper')
  mkdirSync(join(home, 'user'))

  const answered: number[] = []
  let adminToken = ''
  for (let round = 0; round < 3; round += 1) {
    const host = await serve(join(home, 'user'), ['host', 'serve', '--workspace', project], { env: { HOME: home } })
    adminToken ||= host.adminToken
    const admin = asking(host.url, adminToken)
    const first = await admin('POST', '/gateway/keeper/act', { n: round * 1_000 })
    expect([first.status, first.body.keys.length]).toEqual([200, expect.any(Number)])
    expect(first.body.keys).toEqual(expect.arrayContaining(answered.map((n) => `n${n}`)))
    answered.push(round * 1_000)
    // Calls go on until the connection breaks; what was answered before counts.
    const calling = (async () => {
      for (let n = round * 1_000 + 1; ; n += 1) {
        const { status } = await admin('POST', '/gateway/keeper/act', { n })
        if (status === 200) answered.push(n)
      }
    })().catch(() => undefined)
    while (answered.length < (round + 1) * 15) await new Promise((resolve) => setImmediate(resolve))
    const exited = once(host.child, 'exit')
    host.child.kill('SIGKILL')
    await exited
    await calling
  }

  const asAdmin = (...argv: string[]) => step(...argv, '--json')
  writeFileSync(join(home, 'last.json'), '{ "n": 9999 }')
  const { keys } = JSON.parse(await asAdmin('call', 'keeper', 'act', '--input', '../last.json')) as { keys: string[] }
  expect(answered.filter((n) => !keys.includes(`n${n}`))).toEqual([])
  const audited = async (action: string): Promise<number> =>
    (JSON.parse(await asAdmin('admin', 'audit', '--action', action, '--limit', '1')) as { total: number }).total
  expect(await audited('operator.call')).toBeGreaterThanOrEqual(answered.length)
  expect(await audited('event.publish')).toBeGreaterThanOrEqual(answered.length)
  expect(JSON.parse(await asAdmin('ledger', 'verify'))).toMatchObject({ ok: true })
})
