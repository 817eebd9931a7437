import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Parsed } from './in-process.ts'
import { made } from './tested-plugin.ts'

const BUDGET = {
  warmup: 0,
  iterations: 3,
  concurrency: 1,
  slo: {},
  method: { trials: 5, baseline: 'none', max_regression_pct: 50, noise_floor_ms: 5 },
}
const UNTOLD = 'echo regression: inconclusive, there is no merge base to compare with'
const PERF = 'conformance/perf/echo.perf.json'

test('a budget that is no budget, looser than what is promised, or of calls that are refused, fails', async () => {
  const { write, at, root } = await made()
  const spec = JSON.parse(readFileSync(join(root, 'plugin.spec.json'), 'utf8')) as object
  write({ 'plugin.spec.json': { ...spec, performance: { echo: { p95Ms: 50_000, maxRssMb: 256 } } } })
  const problemsOf = async (document: object): Promise<Parsed> => {
    write({ [PERF]: document })
    const { code, gate } = await at('perf')
    expect([code, gate.verdict]).toEqual([1, 'fail'])
    return gate.problems.map((one: Parsed) => [one.code, one.pointer])
  }
  expect(await problemsOf({ ...BUDGET, method: { ...BUDGET.method, trials: 3 } })).toEqual([
    ['PERF_INVALID', '/method/trials'],
  ])
  expect(await problemsOf({ ...BUDGET, slo: { p95: 60_000, rss: 512 } })).toEqual([
    ['PERF_LOOSER', '/slo/p95'],
    ['PERF_LOOSER', '/slo/rss'],
  ])
  expect(await problemsOf({ ...BUDGET, workload: [{ text: 1 }] })).toEqual([['PERF_INPUT', '/workload/0/text']])
  expect(await problemsOf({ ...BUDGET, slo: { p50: 0.000_001 } })).toEqual([['PERF_LIMIT', '']])
  write({ 'src/echo.ts': "export async function echo(): Promise<never> {\n  throw new Error('no')\n}\n" })
  expect(await problemsOf(BUDGET)).toEqual([['PERF_CALL_FAILED', '']])
  write({ 'conformance/perf/other.perf.json': BUDGET })
  expect((await at('perf')).gate.problems).toContainEqual(expect.objectContaining({ code: 'PERF_UNKNOWN' }))
  write({ [PERF]: '{' })
  expect((await at('perf')).gate.problems).toContainEqual(expect.objectContaining({ code: 'JSON_SYNTAX', file: PERF }))
})

test('a plugin that answers no calls has no budget', async () => {
  const { write, at } = await made('python')
  write({ [PERF]: BUDGET })
  expect(await at('perf')).toMatchObject({ code: 1, gate: { problems: [{ code: 'PERF_UNKNOWN', file: PERF }] } })
})

test('an operation without input is measured with none', async () => {
  const { tenon, write, at } = await made()
  expect((await tenon(['plugin', 'add-op', 'demo', 'tick', '--no-input'])).code).toBe(0)
  write({ 'conformance/perf/tick.perf.json': { ...BUDGET, slo: { rss: 4_096 } } })
  expect(await at('perf')).toMatchObject({ code: 0, gate: { verdict: 'pass', checked: 1, problems: [] } })
})

test('a plugin is compared with itself at the merge base, and where there is none nobody can tell', async () => {
  const { home, write, at, root } = await made()
  const method = { ...BUDGET.method, baseline: 'merge-base' }
  write({ [PERF]: { ...BUDGET, method } })
  const untold = { verdict: 'inconclusive', checked: 1, problems: [], notes: [UNTOLD] }
  expect(await at('perf')).toMatchObject({ code: 4, gate: untold })
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...words], { cwd: home })
  git('init', '-q', '-b', 'work')
  git('commit', '-q', '--allow-empty', '-m', 'Begin alone')
  expect((await at('perf')).gate.notes).toEqual([UNTOLD])
  git('checkout', '-q', '--orphan', 'main')
  git('commit', '-q', '--allow-empty', '-m', 'Begin')
  expect((await at('perf')).gate.details.budgets).toMatchObject([{ operation: 'echo', medians: { base: null } }])
  git('add', 'plugins')
  git('commit', '-q', '-m', 'Add')
  const slow = 'await new Promise((resolve) => setTimeout(resolve, 400))'
  write({ 'src/echo.ts': readFileSync(join(root, 'src/echo.ts'), 'utf8').replace('return', `${slow}\n  return`) })
  const { code, gate } = await at('perf')
  expect([code, gate.verdict]).toEqual(
    expect.toBeOneOf([
      [1, 'fail'],
      [4, 'inconclusive'],
    ]),
  )
  const [{ medians }] = gate.details.budgets
  expect([medians.head.length, medians.base.length]).toEqual([5, 5])
  expect(Math.min(...medians.head)).toBeGreaterThan(390)
  expect(gate.details.calibration).toMatchObject({ loopMs: expect.any(Number), slowness: expect.any(Number) })
})
