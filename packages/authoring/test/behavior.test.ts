import { checkBehavior, STEPS, type Candidate } from '@tenon/authoring'
import { expect, test } from 'vitest'

const FILE = 'conformance/behavior/demo.feature'

/** A plugin of which nothing is looked at but its feature. */
function candidateWith(feature: string): Candidate {
  const files = [{ path: FILE, bytes: Buffer.from(feature) }]
  const spec = { specVersion: 1, id: 'demo', name: 'Demo', version: '1.0.0' } as const
  return {
    spec: { ...spec, runtime: { kind: 'node', entry: 'src/plugin.ts' } },
    packages: [],
    folder: {
      root: '/nowhere',
      files,
      irregular: [],
      file: () => undefined,
      text: (path) => (path === FILE ? feature : undefined),
    },
  }
}

const never = async (): Promise<never> => {
  throw new Error('nothing may be played')
}

test('a step that means two things fails with its line, and nothing is played', async () => {
  const candidate = candidateWith('Feature: F\n  Scenario: S\n    Then it answers {"a":1}\n')
  const { verdict, problems } = await checkBehavior(candidate, never, undefined, [
    ...STEPS,
    { pattern: 'it answers {json}', kind: 'then', means: 'Another.', run: async () => {} },
  ])
  expect([verdict, problems]).toMatchObject([
    'fail',
    [{ code: 'BEHAVIOR_AMBIGUOUS', file: FILE, line: 3, message: expect.stringContaining('it answers {json}') }],
  ])
})

test('outlines, backgrounds, rules and tables make the scenarios that Gherkin says, each with its line', async () => {
  const candidate = candidateWith(`Feature: F
  Background:
    Given setting "a" is 1
  Rule: R
    Background:
      Given "k" is stored as 2
    Scenario Outline: <name> is called
      When <name> is given <input>
      Then it answers <input>
      Examples:
        | name | input |
        | one  | 1     |
        | two  | [2]   |
`)
  const done: unknown[] = []
  const told: [string, number][] = []
  const { verdict, checked, problems } = await checkBehavior(
    candidate,
    async () => ({
      set: async (name, value) => void done.push(['set', name, value]),
      recorded: () => [],
      host: {
        ...{ grant: () => {}, deny: () => {}, stored: async () => undefined, published: () => [] },
        ...{ neighbour: async () => {}, callsOf: () => 0, memoryMb: () => undefined },
        store: async (key, value) => void done.push(['store', key, value]),
        call: async (operation, input) => (done.push([operation, input]), input),
      },
      [Symbol.asyncDispose]: async () => void done.push('gone'),
    }),
    ({ name, line }) => told.push([name, line]),
  )
  expect([verdict, checked, problems]).toEqual(['pass', 2, []])
  expect(told).toEqual([
    ['one is called', 12],
    ['two is called', 13],
  ])
  const begun = [
    ['set', 'a', 1],
    ['store', 'k', 2],
  ]
  expect(done).toEqual([...begun, ['one', 1], 'gone', ...begun, ['two', [2]], 'gone'])
})

test('no two steps have the same text', () => {
  const patterns = STEPS.map(({ pattern }) => pattern)
  expect(patterns.toSorted()).toEqual([...new Set(patterns)].toSorted())
})
