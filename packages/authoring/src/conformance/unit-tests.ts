import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { readJson, type Problem } from '@tenon/contract'
import { validatorOf, closed } from '@tenon/contract/schema'
import type { Command, JobReport } from '@tenon/sandbox'
import Type, { type Static } from 'typebox'
import { textOf } from '../folder/plugin-folder.ts'
import { runOn, type Ground } from './ground.ts'
import { judged, type TestOutcome } from './gate.ts'
import { shownOf, type Candidate } from './scene.ts'

const failure = closed({ name: Type.String(), file: Type.String(), line: Type.Integer(), message: Type.String() })
const ended = closed({
  tests: Type.Integer(),
  failed: Type.Integer(),
  skipped: Type.Integer(),
  files: Type.Array(closed({ path: Type.String(), lines: Type.Integer(), covered: Type.Integer() })),
})
const lineOfReport = validatorOf(closed({ failed: Type.Optional(failure), ended: Type.Optional(ended) }))
type Failure = Static<typeof failure>
type Ended = Static<typeof ended>

/** Where the plugin and what reports on its tests stand inside. */
const [CODE, KIT, REPORT] = ['/code', '/kit', '/report']

/** What tests may use: they are more than the plugin alone. */
const ROOM = { memoryMb: 512, processes: 64, diskMb: 128, wallMs: 300_000 }

/**
 * Runs the tests of a plugin in a sandbox that shows its folder, and nothing else, and compares the lines of its code that
 * ran with what the policy asks for.
 */
export async function checkUnitTests(
  candidate: Candidate,
  ground: Ground,
  linesMin: number | undefined,
): Promise<TestOutcome> {
  const command = commandFor(candidate)
  if (command === undefined) return judged(0, [noTests()])
  const room = await mkdtemp(join(tmpdir(), 'tenon-unit-'))
  try {
    for (const name of ['report', 'kit']) await mkdir(join(room, name))
    for (const [name, url] of Object.entries(REPORTERS)) await copyFile(url, join(room, 'kit', name))
    const job = await runIn(ground, command, candidate, room)
    const report = await readFile(join(room, 'report/report.jsonl'), 'utf8').catch(() => '')
    return outcomeOf(candidate, job, readReport(report), linesMin)
  } finally {
    await rm(room, { recursive: true, force: true })
  }
}

function commandFor({ folder }: Candidate): Command | undefined {
  const tests = folder.files.map(({ path }) => path).filter((path) => /^tests\/test_[^/]+\.(ts|mjs|js|py)$/.test(path))
  if (tests.some((path) => path.endsWith('.py')))
    return { argv: ['python3', `${KIT}/unit_report.py`, CODE, `${REPORT}/report.jsonl`] }
  if (tests.length === 0) return undefined
  return {
    argv: [
      'node',
      ...['--disable-warning=ExperimentalWarning', '--test', '--test-isolation=none'],
      ...['--experimental-test-coverage', `--test-coverage-include=${CODE}/src/**`],
      `--test-reporter=${KIT}/unit-report.mjs`,
      `--test-reporter-destination=${REPORT}/report.jsonl`,
      ...tests.map((path) => `${CODE}/${path}`),
    ],
  }
}

const REPORTERS = {
  'unit-report.mjs': new URL('./unit-report.mjs', import.meta.url),
  'unit_report.py': new URL('./unit_report.py', import.meta.url),
}

const runIn = (ground: Ground, program: Command, candidate: Candidate, room: string): Promise<JobReport> =>
  runOn(ground, {
    program,
    mounts: [
      ...shownOf(candidate, CODE),
      { source: join(room, 'kit'), target: KIT, readOnly: true },
      { source: join(room, 'report'), target: REPORT, readOnly: false },
    ],
    limits: ROOM,
  })

type Report = { failures: Failure[]; ended: Ended | undefined }

/** Its writer shares a sandbox with the plugin, so that of what it says only what has the right form counts. */
function readReport(text: string): Report {
  const lines = text.split('\n').flatMap((line) => {
    const { value } = readJson(line)
    return lineOfReport.is(value) ? [value] : []
  })
  return { failures: lines.flatMap(({ failed }) => failed ?? []), ended: lines.findLast((line) => line.ended)?.ended }
}

function outcomeOf(
  candidate: Candidate,
  job: JobReport,
  { failures, ended: end }: Report,
  linesMin: number | undefined,
): TestOutcome {
  if (end === undefined) return judged(0, [brokenOff(job)])
  end.files.push(...unloaded(candidate, end.files))
  const lines = end.files.reduce((sum, file) => sum + file.lines, 0)
  const covered = end.files.reduce((sum, file) => sum + file.covered, 0)
  const percent = lines === 0 ? 0 : Math.floor((covered / lines) * 1_000) / 10
  const problems = [
    ...failures.map(failedTest),
    ...(end.tests === 0 ? [noTests()] : []),
    ...(failures.length === 0 && !job.completed ? [brokenOff(job)] : []),
    ...(linesMin === undefined || percent >= linesMin ? [] : [uncovered(candidate, end, percent, linesMin)]),
  ]
  const notes = [`${percent} % of ${lines} line(s) ran${linesMin === undefined ? '' : `, ${linesMin} % are asked for`}`]
  return {
    ...judged(end.tests, problems, notes),
    details: { coverage: { lines, covered, percent }, skipped: end.skipped },
  }
}

/** Code that no test has so much as loaded. What consists of types alone is nothing that could run. */
function unloaded({ folder }: Candidate, loaded: Ended['files']): Ended['files'] {
  const known = new Set(loaded.map(({ path }) => inside(path)))
  const unknown = folder.files.filter(({ path }) => /^src\/.+\.(ts|mjs|js)$/.test(path) && !known.has(path))
  return unknown.flatMap((file) => {
    const { path } = file
    const code = path.endsWith('.ts') ? withoutTypes(textOf(file)) : textOf(file)
    const lines = code.replaceAll(/\/\*[^]*?\*\//g, '').match(/^\s*(?!\/\/)\S.*$/gm)?.length ?? 0
    return lines === 0 ? [] : [{ path: join(CODE, path), lines, covered: 0 }]
  })
}

/** What is no TypeScript counts as it stands. */
function withoutTypes(text: string): string {
  try {
    return stripTypeScriptTypes(text)
  } catch {
    return text
  }
}

const inside = (path: string): string => relative(CODE, path.replace(/^file:\/\//, ''))

const failedTest = ({ name, file, line, message }: Failure): Problem => ({
  ...{ pointer: '', code: 'UNIT_FAILED', message: `${name}: ${message}` },
  file: file === '' ? 'tests' : inside(file),
  ...(line === 0 ? {} : { line }),
})

const noTests = (): Problem => ({
  ...{ pointer: '', file: 'tests', code: 'UNIT_EMPTY', message: 'there is no test' },
  hint: 'Write tests/test_<operation>.ts, .mjs or .py.',
})

const brokenOff = ({ exit, logTail }: JobReport): Problem => ({
  ...{ pointer: '', file: 'tests', code: 'UNIT_FAILED' },
  message: `the tests did not come to an end: ${exit.message}`,
  hint: logTail.trim().split('\n').slice(-8).join(' | ').slice(-800),
})

function uncovered(candidate: Candidate, { files }: Ended, percent: number, wanted: number): Problem {
  const share = (file: Ended['files'][number]): number => file.covered / Math.max(file.lines, 1)
  const [least] = files.toSorted((a, b) => share(a) - share(b))
  const message = `the tests run ${percent} % of the lines of ${candidate.spec.id}, and ${wanted} % are asked for`
  const problem = { pointer: '', code: 'COVERAGE_LOW', message }
  return least === undefined
    ? { ...problem, file: 'src', hint: 'It holds no line of code that could run.' }
    : { ...problem, file: inside(least.path), hint: 'This file has the smallest share.' }
}
