import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { market, stepper } from './market.ts'

const LIST = JSON.stringify({ type: 'array', items: { type: 'string' } })
const COUNTS = `export async function* act({ to, tear }: { to: number; tear?: boolean }): AsyncGenerator<string> {
  for (let n = 1; n <= to; n += 1) yield 'part ' + n + String.fromCodePoint(0x9b)
  if (tear) throw Object.assign(new Error('torn'), { code: 'TORN' })
}
`

test('the parts of an answer are printed as they come, and a failure after them', async () => {
  const { publish, tenon, home } = await market()
  const step = stepper(tenon)
  await publish({
    id: 'counting',
    files: { 'src/act.ts': COUNTS, 'schemas/act.out.schema.json': LIST, 'examples/act_response.json': '[]' },
  })
  await step('plugin', 'install', 'acme/counting')
  await step('plugin', 'enable', 'counting')
  const input = (value: object): string[] => {
    writeFileSync(join(home, 'input.json'), JSON.stringify(value))
    return ['counting', 'act', '--input', '../input.json']
  }
  const whole = await tenon(['call', ...input({ to: 2 }), '--stream'])
  expect(whole).toMatchObject({ code: 0, stdout: '"part 1\\u009b"\n"part 2\\u009b"\n', stderr: '' })
  expect(JSON.parse(await step('call', '--json', ...input({ to: 2 })))).toHaveLength(2)
  const torn = await tenon(['call', ...input({ to: 1, tear: true }), '--stream'])
  expect(torn).toMatchObject({ stdout: '"part 1\\u009b"\n', stderr: expect.stringContaining('OPERATION_FAILED: torn') })
  expect(torn.code).not.toBe(0)
  const refused = await tenon(['call', 'counting', 'other', '--stream'])
  expect(refused).toMatchObject({ stdout: '', stderr: expect.stringContaining('OPERATION_UNKNOWN') })
  const counted = await tenon(['call', ...input({ to: 3 }), '--stream', '--json'])
  expect([counted.stdout.split('\n').length - 1, JSON.parse(counted.stderr)]).toEqual([3, { parts: 3 }])
})
