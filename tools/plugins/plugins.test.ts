import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { policiesFor, validatePlugin } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { tenonIn } from '../../cases/harness/tenon.ts'

const plugins = fileURLToPath(new URL('../../plugins/', import.meta.url))

/** One for all of them, since they are tested at the same time. */
const room = mkdtempSync(join(tmpdir(), 'tn-'))
afterAll(() => rmSync(room, { recursive: true, force: true }))

/** The plugin with budgets that are measured by few calls, and compared with nothing: here they are told of, not judged. */
function hurried(id: string): string {
  const root = join(room, 'plugins', id)
  cpSync(join(plugins, id), root, { recursive: true })
  const budgets = join(root, 'conformance/perf')
  for (const name of existsSync(budgets) ? readdirSync(budgets) : []) {
    const budget = JSON.parse(readFileSync(join(budgets, name), 'utf8')) as { method: object }
    const method = { ...budget.method, baseline: 'none' }
    writeFileSync(join(budgets, name), JSON.stringify({ ...budget, warmup: 1, iterations: 5, method }))
  }
  return root
}

type Gate = { gate: string; verdict: string; checked: number; problems: object[] }

describe.concurrent.each(readdirSync(plugins))('%s', (id) => {
  const root = join(plugins, id)

  test('passes every gate', async ({ expect }) => {
    const { problems, gates } = await validatePlugin(nodeDisk, root, await policiesFor(nodeDisk, root), Date.now())
    expect(problems).toEqual([])
    expect(gates.length).toBeGreaterThan(5)
  })

  test('passes its own tests, scenarios and fixtures, and its budgets are told of', async ({ expect }) => {
    const home = join(room, 'homes', id)
    mkdirSync(home, { recursive: true })
    const words = ['plugin', 'test', hurried(id), '--json']
    const { code, stdout, stderr } = await tenonIn(home)(words)
    expect(stderr).toBe('')
    const { gates } = JSON.parse(stdout) as { gates: Gate[] }
    const [perf, ...others] = gates.toReversed()
    expect(others.flatMap(({ problems }) => problems)).toEqual([])
    expect(others.map(({ gate, verdict }) => [gate, verdict])).toEqual([
      ['fixtures', others[0]?.checked === 0 ? 'idle' : 'pass'],
      ['behavior', 'pass'],
      ['unit', 'pass'],
      ['lint', 'pass'],
      ['types', others.at(-1)?.checked === 0 ? 'idle' : 'pass'],
    ])
    expect(others.filter(({ gate, checked }) => !['fixtures', 'types'].includes(gate) && checked === 0)).toEqual([])
    // How fast it is on a machine that does other things beside, nobody can promise.
    expect([perf?.verdict, code]).toEqual(
      expect.toBeOneOf([
        ['pass', 0],
        ['idle', 0],
        ['inconclusive', 4],
        ['fail', 1],
      ]),
    )
  }, 240_000)
})
