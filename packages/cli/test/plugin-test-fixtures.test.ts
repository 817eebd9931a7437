import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { made } from './tested-plugin.ts'

test('fixtures hold what their names say, both ways', async () => {
  const { write, at } = await made()
  const examples = 'conformance/examples'
  write({
    [`${examples}/echo.in.valid.usual.json`]: { text: 'a' },
    [`${examples}/echo.in.invalid.number.json`]: { text: 1 },
    'conformance/schemas/odd.schema.json': { type: 'object', required: ['odd'] },
    [`${examples}/odd.invalid.even.json`]: {},
  })
  expect(await at('fixtures')).toMatchObject({ code: 0, gate: { verdict: 'pass', checked: 4, problems: [] } })
  write({
    [`${examples}/echo.in.valid.number.json`]: { text: 1 },
    [`${examples}/echo.in.invalid.fine.json`]: { text: 'a' },
    [`${examples}/echo.json`]: {},
    [`${examples}/nobody.valid.x.json`]: {},
    'conformance/schemas/echo.in.schema.json': {},
    [`${examples}/echo.in.valid.torn.json`]: '{"text":',
    [`${examples}/wrong.valid.x.json`]: {},
    'conformance/schemas/wrong.schema.json': { type: 'text' },
  })
  const { code, gate } = await at('fixtures')
  expect(code).toBe(1)
  expect(gate.problems.map((one: Parsed) => [one.code, one.file.replace(/.*\//, '')])).toEqual([
    ['FIXTURE_MISNAMED', 'echo.json'],
    ['FIXTURE_SHADOWS', 'echo.in.schema.json'],
    ['FIXTURE_ACCEPTED', 'echo.in.invalid.fine.json'],
    ['FIXTURE_REFUSED', 'echo.in.valid.number.json'],
    ['JSON_SYNTAX', 'echo.in.valid.torn.json'],
    ['FILE_MISSING', 'nobody.schema.json'],
    ['SCHEMA_LINT', 'wrong.schema.json'],
  ])
})
