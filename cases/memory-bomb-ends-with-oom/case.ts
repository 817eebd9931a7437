import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const ACT = `export async function act(input: { mb: number }): Promise<object> {
  const held = Array.from({ length: input.mb }, () => Buffer.alloc(1_048_576, 1))
  return { held: held.length }
}
`

test('512 MiB of buffers under memoryMb 128 end the plugin with reason oom, and the next call starts it again', async () => {
  const platform = await startPlatform()
  const spec = { resources: { memoryMb: 128 } }
  await platform.publish(await writePlugin(platform.home, { id: 'greedy', spec, files: { 'src/act.ts': ACT } }))
  await platform.install('acme/greedy')
  await platform.enable('greedy')
  const { status, body } = await platform.admin('POST', '/gateway/greedy/act', { mb: 512 })
  expect([status, body.code]).toEqual([502, 'PLUGIN_CRASHED'])
  const { body: audit } = await platform.admin('GET', '/admin/audit?action=plugin.end&target=greedy')
  expect(audit.items).toEqual([expect.objectContaining({ reason: 'oom' })])
  expect((await platform.admin('POST', '/gateway/greedy/act', { mb: 1 })).body).toEqual({ held: 1 })
})
