import { expect, test } from 'vitest'
import { startPlatform, writePlugin } from '../harness/platform.ts'

const out = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  properties: { list: { type: 'array', items: { type: 'integer' } } },
}

test('an output that breaks its schema fails the call with the pointer', async () => {
  const platform = await startPlatform()
  const files = {
    'src/act.ts':
      'export const act = async (input: { bad: boolean }): Promise<object> => ({ list: [1, input.bad ? "two" : 2] })\n',
    'schemas/act.out.schema.json': JSON.stringify(out),
  }
  await platform.publish(await writePlugin(platform.home, { id: 'sloppy', files }))
  await platform.install('acme/sloppy')
  await platform.enable('sloppy')
  expect((await platform.admin('POST', '/gateway/sloppy/act', { bad: false })).body).toEqual({ list: [1, 2] })
  const { status, body } = await platform.admin('POST', '/gateway/sloppy/act', { bad: true })
  expect([status, body.code, body.errors[0].pointer]).toEqual([502, 'OUTPUT_INVALID', '/list/1'])
  const audit = await platform.admin('GET', '/admin/audit?action=operator.call&decision=deny')
  expect(audit.body.items).toEqual([expect.objectContaining({ target: 'sloppy/act', reason: 'OUTPUT_INVALID' })])
})
