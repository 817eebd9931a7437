import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { made } from './tested-plugin.ts'

const TEST = `import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
`

/** A policy that asks for four of five lines. */
const COVERED = { snapshotVersion: 1, packs: [], values: { 'coverage.lines': { value: 80 } } }

test('tests run in a sandbox that shows the plugin and nothing else', async () => {
  const { home, write, at } = await made()
  writeFileSync(join(home, 'secret'), 'x')
  write({
    'tests/test_place.ts': `${TEST}
test('sees no file and no name of the host', async () => {
  assert.equal(existsSync(${JSON.stringify(join(home, 'secret'))}), false)
  assert.equal(existsSync('/etc/passwd'), false)
  assert.equal(process.env['TENON_HOME'], undefined)
  assert.ok(readdirSync('/code').includes('plugin.spec.json'))
  await assert.rejects(fetch('http://127.0.0.1:7420/'))
})
`,
  })
  expect((await at('unit', { env: { TENON_HOME: home } })).gate).toMatchObject({ verdict: 'pass', problems: [] })
})

test('a test that fails, a process that ends early and code that no test runs are told of', async () => {
  const { write, at, root } = await made()
  write({ 'tests/test_wrong.ts': `${TEST}\ntest('adds up', () => assert.equal(1 + 1, 3))\n` })
  const failed = await at('unit')
  expect([failed.code, failed.gate.problems]).toMatchObject([
    1,
    [{ code: 'UNIT_FAILED', file: 'tests/test_wrong.ts', message: expect.stringContaining('adds up') }],
  ])
  write({ 'tests/test_wrong.ts': `${TEST}\ntest('leaves', () => process.exit(0))\n` })
  expect((await at('unit')).gate.problems).toMatchObject([{ code: 'UNIT_FAILED', file: 'tests' }])
  const lines = Array.from({ length: 60 }, (_, index) => `  if (x === ${index}) return ${index}`)
  write({
    'tests/test_wrong.ts': `${TEST}\ntest('is', () => assert.ok(true))\n`,
    'src/unused.ts': `export function never(x: number): number {\n${lines.join('\n')}\n  return x\n}\n`,
  })
  write({ 'policy_snapshot.json': COVERED })
  const low = await at('unit')
  expect([low.code, low.gate.problems]).toMatchObject([1, [{ code: 'COVERAGE_LOW', file: 'src/unused.ts' }]])
  expect(low.gate.details.coverage.percent).toBeLessThan(80)
  expect(existsSync(join(root, 'coverage'))).toBe(false)
})

test('a plugin without tests fails, and so does one whose files of tests declare none', async () => {
  const { write, at, root } = await made()
  const none = { code: 1, gate: { checked: 0, problems: [{ code: 'UNIT_EMPTY', file: 'tests' }] } }
  rmSync(join(root, 'tests'), { recursive: true })
  expect(await at('unit')).toMatchObject(none)
  write({ 'tests/test_none.ts': 'export {}\n' })
  expect(await at('unit')).toMatchObject(none)
  rmSync(join(root, 'tests'), { recursive: true })
  write({ 'tests/__init__.py': '', 'tests/test_none.py': '' })
  expect(await at('unit')).toMatchObject(none)
})

const LEAVES = `${TEST}test('is', () => {})\nprocess.on('exit', () => (process.exitCode = 3))\n`

test('tests that pass in a process that fails are told of', async () => {
  const { write, at } = await made()
  write({ 'tests/test_leaves.ts': LEAVES })
  const message = 'the tests did not come to an end: it ended with exit status 3'
  expect(await at('unit')).toMatchObject({ code: 1, gate: { problems: [{ code: 'UNIT_FAILED', message }] } })
})

test('a test in Python that fails in no line of the plugin is told of without a line', async () => {
  const { write, at } = await made('python')
  write({
    'tests/test_sum.py': `import functools
import unittest


class Sum(unittest.TestCase):
    test_sum = functools.partialmethod(unittest.TestCase.assertEqual, 1, 2)
`,
  })
  const { code, gate } = await at('unit')
  const message = expect.stringMatching(/^test_sum .*: AssertionError: 1 != 2$/)
  expect([code, gate.problems]).toEqual([1, [{ pointer: '', code: 'UNIT_FAILED', file: 'tests', message }]])
})

test('where nothing can run, what is asked for of coverage is not there', async () => {
  const { write, at, root } = await made()
  for (const folder of ['src', 'tests']) rmSync(join(root, folder), { recursive: true })
  write({ 'tests/test_is.ts': `${TEST}test('is', () => {})\n`, 'policy_snapshot.json': COVERED })
  expect(await at('unit')).toMatchObject({
    code: 1,
    gate: {
      problems: [{ code: 'COVERAGE_LOW', file: 'src', hint: 'It holds no line of code that could run.' }],
      notes: ['0 % of 0 line(s) ran, 80 % are asked for'],
    },
  })
})
