import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { FEATURE, feature, made, scenario } from './tested-plugin.ts'

test('a plugin without scenarios fails', async () => {
  const { write, at, root } = await made()
  rmSync(join(root, FEATURE))
  expect(await at('behavior')).toMatchObject({
    code: 1,
    gate: { verdict: 'fail', checked: 0, problems: [{ code: 'BEHAVIOR_EMPTY', file: 'conformance/behavior' }] },
  })
  write({ [FEATURE]: 'Feature: nothing yet\n' })
  expect((await at('behavior')).gate.problems).toMatchObject([{ code: 'BEHAVIOR_EMPTY', file: FEATURE, line: 1 }])
})

test('what cannot be shown fails with its line: unknown, pending and empty scenarios, and what is no Gherkin', async () => {
  const { write, at } = await made()
  write({
    [FEATURE]: feature(
      scenario('One', 'When echo is given {"text":"a"}', 'Then it anwers {"text":"a"}'),
      scenario('Two'),
      '  @wip',
      scenario('Three', 'When echo is given {"text":"a"}', 'Then it answers {"text":"a"}'),
      scenario('Four', 'When echo is given {"text":"a"}'),
    ),
    'conformance/behavior/other.feature':
      'Feature: Other\n  Scenario: x\n    Given a table\n      | a | b |\n      | c |\n',
  })
  const { code, gate } = await at('behavior')
  expect([code, gate.verdict]).toEqual([1, 'fail'])
  expect(gate.problems.map((one: Parsed) => [one.code, one.file.replace(/.*\//, ''), one.line])).toEqual([
    ['BEHAVIOR_UNREADABLE', 'other.feature', 5],
    ['BEHAVIOR_UNDEFINED', 'echo.feature', 4],
    ['BEHAVIOR_PENDING', 'echo.feature', 5],
    ['BEHAVIOR_PENDING', 'echo.feature', 7],
    ['BEHAVIOR_PENDING', 'echo.feature', 10],
  ])
  expect(gate.problems[1].hint).toContain('it answers {json}')
})

test('a scenario fails at the step that does not hold, with what came instead', async () => {
  const { write, at } = await made()
  write({
    [FEATURE]: feature(
      scenario('Another answer', 'When echo is given {"text":"a"}', 'Then it answers {"text":"b"}'),
      scenario('No refusal', 'When echo is given {"text":"a"}', 'Then it refuses with INPUT_INVALID'),
      scenario('Another refusal', 'When echo is given {"text":1}', 'Then it refuses with NOT_THIS'),
      scenario('A refusal that nobody spoke of', 'When echo is given {"text":1}', 'Then no event was published'),
      scenario(
        'A document',
        'When I call "echo" with {"text":"a"}',
        'Then it answers something that matches "schemas/nothing.json"',
      ),
      scenario('Not of this kind', 'When a node holds "x"', 'Then it has no warning'),
      scenario(
        'A refusal',
        'When I call "echo" with:',
        '  | text | a |',
        '  | more | 1 |',
        'Then it refuses with INPUT_INVALID',
      ),
    ),
  })
  const { code, gate } = await at('behavior')
  expect([code, gate.checked]).toEqual([1, 7])
  expect(gate.problems.map((one: Parsed) => [one.code, one.line, one.message])).toEqual([
    ['BEHAVIOR_FAILED', 4, 'Another answer: it is {"text":"a"}, not {"text":"b"}'],
    ['BEHAVIOR_FAILED', 7, 'No refusal: it answers {"text":"a"}'],
    ['BEHAVIOR_FAILED', 10, expect.stringContaining('it refuses with INPUT_INVALID')],
    ['BEHAVIOR_FAILED', 13, expect.stringContaining('no step says that it does')],
    ['BEHAVIOR_FAILED', 16, 'A document: schemas/nothing.json is missing'],
    ['BEHAVIOR_FAILED', 18, 'Not of this kind: a plugin of kind node is not asked so'],
  ])
})
