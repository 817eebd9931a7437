// npm run mutants [-- name …]: takes each check away in turn and shows that some test notices. Ends with 1 if none does.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { readMutants, root, type Mutant } from './mutant.ts'
import { copyTree } from './tree-copy.ts'

type Outcome = 'killed' | 'survived' | 'does not load'

const HANGING_MS = 240_000

const wanted = process.argv.slice(2)
const mutants = readMutants().filter(
  ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
)
const copy = copyTree(root)
process.on('exit', () => rmSync(copy, { recursive: true, force: true }))
process.on('SIGINT', () => process.exit(2))

const before = run(
  mutants.flatMap(({ tests }) => tests),
  4 * HANGING_MS,
)
if (before.outcome !== 'survived') {
  console.error(`without any change, the tests must pass; these do not:\n${before.failed.join('\n') || before.output}`)
  process.exit(2)
}

const outcomes = new Map<Mutant, Outcome>()
for (const mutant of mutants) {
  const began = performance.now()
  apply(mutant)
  const { outcome } = run(mutant.tests)
  apply(mutant, '--reverse')
  outcomes.set(mutant, outcome)
  const seconds = ((performance.now() - began) / 1_000).toFixed(1)
  console.log(`${outcome.padEnd(13)} ${seconds.padStart(5)} s  ${mutant.name}`)
}
const alive = [...outcomes].filter(([, outcome]) => outcome !== 'killed')
for (const [{ name, why, tests }, outcome] of alive)
  console.log(`${name} ${outcome}: ${why} No test in ${tests.join(', ')} fails.`)
console.log(`${outcomes.size - alive.length} of ${outcomes.size} killed`)
process.exit(alive.length === 0 ? 0 : 1)

function apply({ path }: Mutant, ...flags: string[]): void {
  execFileSync('git', ['apply', ...flags, path], { cwd: copy, stdio: ['ignore', 'inherit', 'inherit'] })
}

type Run = { outcome: Outcome; failed: string[]; output: string }
type Report = {
  success: boolean
  testResults: { name: string; assertionResults: { status: string; title: string }[] }[]
}

/** A mutant is killed by a test that fails, or by tests that do not end; not by a file that can no longer be loaded. */
function run(tests: readonly string[], timeout = HANGING_MS): Run {
  const report = join(copy, 'mutant-report.json')
  rmSync(report, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const { stdout, stderr, error } = spawnSync(
    process.execPath,
    [join(copy, 'node_modules/vitest/vitest.mjs'), 'run', '--bail=1', ...reporters, ...new Set(tests)],
    { cwd: copy, encoding: 'utf8', timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 28 },
  )
  const output = stdout + stderr
  if (error !== undefined) return { outcome: 'killed', failed: [], output }
  if (!existsSync(report)) return { outcome: 'does not load', failed: [], output }
  const { success, testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report
  const failed = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ title }) => `${relative(copy, name)}: ${title}`),
  )
  return { outcome: success ? 'survived' : failed.length > 0 ? 'killed' : 'does not load', failed, output }
}
