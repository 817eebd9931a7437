import { join } from 'node:path'
import { limits, messageOf, TenonError, type Problem, type World } from '@tenon/contract'
import type { ConformanceCase } from './case-format.ts'
import { caseProblem } from './case-problem.ts'
import { caseFolder, fixtureFault, layOut, type CaseFolder } from './disposable-folder.ts'
import { judge, type Outcome, type SmEnd } from './outcome.ts'
import { readSuites, type Suite, type SuiteCase } from './suite.ts'

/** A command line of `sm`, without the binary, and where it is run. `env` is all the environment that it has. */
export type SmCall = { argv: string[]; cwd: string; env: Record<string, string>; signal: AbortSignal }

/** How `sm` is run. */
export type RunSm = (call: SmCall) => Promise<SmEnd>

export type CaseReport = {
  id: string
  scope: string
  passed: boolean
  /** Why the case could not be played to its end. */
  problems: Problem[]
  outcomes: Outcome[]
}

export type SuiteRun = {
  /** The folder of the suite. */
  folder: string
  /** `all`, `spec` or `provider:<id>`. */
  scope: string
  world: World
  runSm: RunSm
  /** Ends the run, and the case that is being played. */
  signal: AbortSignal
}

/** Plays the cases of a suite one by one, each in a folder of its own. Throws SUITE_INVALID and CALL_CANCELLED. */
export async function* runSuite(run: SuiteRun): AsyncGenerator<CaseReport> {
  for (const suite of await readSuites(run.folder, run.scope))
    for (const one of suite.cases) yield await reportOf(one, suite, run)
}

async function reportOf(one: SuiteCase, suite: Suite, run: SuiteRun): Promise<CaseReport> {
  const facts = { id: one.id, scope: suite.scope }
  const problems = one.problems ?? fixtureProblems(one.conformanceCase, suite)
  if (problems.length > 0 || one.problems !== undefined) return { ...facts, passed: false, problems, outcomes: [] }
  const played = await inTime(one.conformanceCase, suite, run)
  const passed = played.problems.length === 0 && played.outcomes.every((outcome) => outcome.passed)
  return { ...facts, passed, ...played }
}

function fixtureProblems({ fixture, setup }: ConformanceCase, { fixtures }: Suite): Problem[] {
  const problem = (pointer: string, name: string): Problem[] => {
    const fault = fixtureFault(fixtures, name)
    return fault === undefined ? [] : [caseProblem(pointer, fault)]
  }
  return [
    ...(fixture === undefined ? [] : problem('/fixture', fixture)),
    ...(setup?.priorScans ?? []).flatMap((prior, index) =>
      problem(`/setup/priorScans/${index}/fixture`, prior.fixture),
    ),
  ]
}

type Played = Pick<CaseReport, 'problems' | 'outcomes'>

async function inTime(
  conformanceCase: ConformanceCase,
  suite: Suite,
  { world, runSm, signal }: SuiteRun,
): Promise<Played> {
  const done = new AbortController()
  const late = new AbortController()
  const bell = world.timer(limits.conformanceCaseMs, AbortSignal.any([signal, done.signal])).then(
    () => late.abort('too late'),
    () => undefined,
  )
  const stop = AbortSignal.any([signal, late.signal])
  await using folder = await caseFolder()
  try {
    return await untilStopped(play(conformanceCase, suite, folder, { runSm, signal: stop }), stop)
  } catch (thrown) {
    if (signal.aborted) throw new TenonError('CALL_CANCELLED', `stopped by ${String(signal.reason)}`, { cause: thrown })
    const message = late.signal.aborted ? `took more than ${limits.conformanceCaseMs} ms` : messageOf(thrown)
    return { problems: [caseProblem('', message)], outcomes: [] }
  } finally {
    done.abort()
    await bell
  }
}

/** What a port does that is slow to end is not waited for. */
function untilStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T> {
  const stopped = new Promise<never>((_, reject) => {
    const end = (): void => reject(new Error(String(stop.reason)))
    if (stop.aborted) end()
    stop.addEventListener('abort', end, { once: true })
  })
  return Promise.race([work, stopped])
}

type Means = Pick<SuiteRun, 'runSm' | 'signal'>

async function play(
  { fixture, setup, invoke, assertions }: ConformanceCase,
  suite: Suite,
  { scope, home }: CaseFolder,
  { runSm, signal }: Means,
): Promise<Played> {
  const sm = (argv: string[]): Promise<SmEnd> => runSm({ argv, cwd: scope, env: environment(home, setup), signal })
  for (const [index, prior] of (setup?.priorScans ?? []).entries()) {
    await layOut(scope, suite.fixtures, prior.fixture)
    const { exit, stderr } = await sm(['scan', ...(prior.flags ?? [])])
    // A scan that finds errors is one all the same.
    if (exit > 1)
      return { problems: [caseProblem(`/setup/priorScans/${index}`, `ended with ${exit}: ${stderr}`)], outcomes: [] }
  }
  if (fixture !== undefined) await layOut(scope, suite.fixtures, fixture)
  const { verb, sub, args = [], flags = [] } = invoke
  const ended = await sm([verb, ...(sub === undefined ? [] : [sub]), ...args, ...flags])
  const outcomes: Outcome[] = []
  for (const assertion of assertions) outcomes.push(await judge(assertion, { suite, scope, ended }))
  return { problems: [], outcomes }
}

const environment = (home: string, setup: ConformanceCase['setup']): Record<string, string> => ({
  HOME: home,
  TENON_HOME: join(home, '.tenon'),
  // No repository around the folder, or made of its files, is one.
  GIT_CEILING_DIRECTORIES: join(home, '..'),
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.bareRepository',
  GIT_CONFIG_VALUE_0: 'explicit',
  SM_NO_UPDATE_CHECK: '1',
  ...(setup?.disableAllProviders === true ? { SKILL_MAP_DISABLE_ALL_PROVIDERS: '1' } : {}),
  ...(setup?.disableAllExtractors === true ? { SKILL_MAP_DISABLE_ALL_EXTRACTORS: '1' } : {}),
  ...(setup?.disableAllRules === true ? { SKILL_MAP_DISABLE_ALL_RULES: '1' } : {}),
})
