// npm test: type check, lint, format, unused code, then every test. Arguments are handed to the test runner and skip the rest.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from './pinned-node.mjs'
import { prepare } from './prepare.mjs'

const node = prepare({ tests: true })
const bin = (name) => join(root, 'node_modules/.bin', name)
const REPORT = join(root, 'node_modules/.cache/tenon-tests.json')
const DUMPS = join(root, 'node_modules/.cache/v8-coverage')
const chosen = process.argv.slice(2)

const steps = [
  ['type check', bin('tsc'), ['-p', '.']],
  ['type check of the console', bin('tsc'), ['-p', 'packages/console']],
  ['lint', bin('oxlint'), ['--type-aware', '--quiet']],
  ['format', bin('biome'), ['format', '.']],
  ['unused code', bin('knip'), ['--no-config-hints']],
]

if (chosen.length === 0) for (const [name, command, args] of steps) step(name, command, args)
rmSync(REPORT, { force: true })
rmSync(DUMPS, { recursive: true, force: true })
const whole = chosen.length === 0
const tests = start('tests', node, [
  join(root, 'node_modules/vitest/vitest.mjs'),
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${REPORT}`,
  ...(whole ? ['--coverage'] : []),
  ...chosen,
])
const coverage = whole && tests === 0 ? start('coverage', node, [join(root, 'tools/coverage/report.ts'), DUMPS]) : 0
close(tests === 0 ? coverage : tests)

function step(name, command, args) {
  const status = start(name, command, args)
  if (status !== 0) process.exit(status)
}

function start(name, command, args) {
  const begun = Date.now()
  const env = {
    ...process.env,
    PATH: `${join(root, 'node_modules/.bin')}:${process.env.PATH}`,
    ...(chosen.length === 0 ? { TENON_V8_COVERAGE: DUMPS } : {}),
  }
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env })
  if (error !== undefined) console.error(error.message)
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`)
  return status ?? 1
}

/** The last lines name what failed and count, in words that any reader of a log understands. */
function close(status) {
  if (existsSync(REPORT)) {
    const report = JSON.parse(readFileSync(REPORT, 'utf8'))
    for (const line of failures(report)) console.log(line)
    const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = report
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  }
  process.exit(status)
}

/** Lines of `FAIL file > test: first line of the message`; a file that could not be read has no tests. */
function failures({ testResults }) {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults.filter(({ status }) => status === 'failed')
    if (failed.length === 0 && message !== '') return [`FAIL ${file}: ${firstLine(message)}`]
    return failed.map(
      ({ fullName, failureMessages: [first = ''] }) => `FAIL ${file} > ${fullName}: ${firstLine(first)}`,
    )
  })
}

function firstLine(message) {
  return stripVTControlCharacters(message).split('\n', 1)[0]
}
