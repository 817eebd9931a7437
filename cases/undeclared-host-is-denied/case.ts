import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const ACT = `import type { Context } from '@tenon/sdk'

export async function act(input: { url: string }, ctx: Context): Promise<object> {
  const { status } = await ctx.fetch({ url: input.url })
  return { status }
}
`

test('a plugin reaches no host that it did not declare, and the refusal is in the audit ledger', async () => {
  const platform = await startPlatform()
  const spec = { permissions: [{ capability: 'net:connect:api.example.org', reason: 'its one service' }] }
  await platform.publish(await writePlugin(platform.home, { id: 'leaky', spec, files: { 'src/act.ts': ACT } }))
  await platform.install('acme/leaky', ['net:connect:**.org'])
  await platform.enable('leaky')
  const { status, body } = await platform.admin('POST', '/gateway/leaky/act', {
    url: 'https://elsewhere.example.org/x?secret=1',
  })
  expect([status, body.code]).toEqual([403, 'EGRESS_DENIED'])
  const audit = await platform.admin('GET', '/admin/audit?action=proxy.request&decision=deny&actor=plugin:leaky')
  expect(audit.body.items).toEqual([
    expect.objectContaining({
      target: 'elsewhere.example.org',
      capability: 'net:connect:elsewhere.example.org:443',
      reason: 'EGRESS_DENIED',
    }),
  ])
  expect(JSON.stringify(audit.body)).not.toContain('secret')
})

test('without the sdk there is no way out either', async () => {
  const platform = await startPlatform()
  const act = `import { connect } from 'node:net'
export async function act(): Promise<object> {
  const tried = await Promise.allSettled([
    fetch('http://127.0.0.1:${new URL(platform.host.url).port}/health'),
    new Promise((resolve, reject) => connect(${new URL(platform.host.url).port}, '127.0.0.1', () => resolve(1)).on('error', reject)),
  ])
  return { reached: tried.filter(({ status }) => status === 'fulfilled').length }
}
`
  await platform.publish(await writePlugin(platform.home, { id: 'sneaky', files: { 'src/act.ts': act } }))
  await platform.install('acme/sneaky')
  await platform.enable('sneaky')
  expect(await platform.admin('POST', '/gateway/sneaky/act', {})).toEqual({ status: 200, body: { reached: 0 } })
})
