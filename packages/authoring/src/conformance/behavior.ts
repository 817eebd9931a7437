import { asTenonError, TenonError, type Problem } from '@tenon/contract'
import { nearest } from '@tenon/contract/schema'
import { readFeatures, type FeatureStep, type Scenario } from './feature.ts'
import { judged, type TestOutcome } from './gate.ts'
import type { Candidate, OpenScene } from './scene.ts'
import { belowText, refuseUnjudged, StepFault, type Course, type Step } from './step.ts'
import { matcherOf, type Matcher } from './step-words.ts'
import { STEPS } from './steps.ts'

type Ready = { at: FeatureStep; step: Step; words: string[] }
type Told = (scenario: Scenario, problem: Problem | undefined) => void

/** Tags that say of a scenario that it is not done yet. */
const PENDING = ['@pending', '@wip', '@skip', '@ignore']

/**
 * Plays every scenario of the plugin, each on a new plugin. What cannot be played at all, because a step is unknown, means
 * two things or is not done yet, fails as well, and so does a plugin without scenarios.
 */
export async function checkBehavior(
  candidate: Candidate,
  openScene: OpenScene,
  told: Told = () => {},
  steps: readonly Step[] = STEPS,
): Promise<TestOutcome> {
  const { scenarios, problems } = await readFeatures(candidate.folder)
  if (candidate.spec.runtime.kind === 'container') return judged(0, problems, [notPlayed(scenarios.length)])
  if (scenarios.length === 0 && problems.length === 0) return judged(0, [NO_SCENARIO])
  const match = matcherOf(steps)
  for (const scenario of scenarios) {
    const { ready, faults } = prepared(scenario, match)
    const found = faults.length > 0 ? faults : await played(scenario, ready, candidate, openScene)
    problems.push(...found)
    told(scenario, found[0])
  }
  return judged(scenarios.length, problems)
}

const notPlayed = (count: number): string =>
  `there is no lane for plugins of kind container here: ${count} scenario(s) are not played`

const NO_SCENARIO: Problem = {
  ...{ pointer: '', file: 'conformance/behavior', code: 'BEHAVIOR_EMPTY', message: 'there is no scenario' },
  hint: 'Write a .feature file with at least one; docs/conformance-steps.md lists the steps.',
}

function prepared(scenario: Scenario, match: Matcher): { ready: Ready[]; faults: Problem[] } {
  const ready: Ready[] = []
  const faults: Problem[] = []
  for (const at of scenario.steps) {
    const [first, ...others] = match(at.text)
    if (first === undefined) faults.push(undefinedStep(scenario, at))
    else if (others.length > 0) faults.push(ambiguousStep(scenario, at, [first, ...others]))
    else ready.push({ at, ...first })
  }
  return { ready, faults: faults.length > 0 ? faults : pendingFaults(scenario, ready) }
}

function undefinedStep(scenario: Scenario, { text, line }: FeatureStep): Problem {
  const known = nearest(
    text.replaceAll(VALUE, '…'),
    STEPS.map(({ pattern }) => blank(pattern)),
  )
  const meant = STEPS.find(({ pattern }) => blank(pattern) === known)
  const hint = meant === undefined ? 'docs/conformance-steps.md lists the steps.' : `Did you mean "${meant.pattern}"?`
  return problemAt(scenario, line, 'BEHAVIOR_UNDEFINED', `no step reads "${text}"`, hint)
}

/** A step is told from others by what is not a value in it. */
const VALUE = /"(?:[^"\\]|\\.)*"|\{.*\}|\[.*\]|\b\d+\b/g
const blank = (pattern: string): string => pattern.replaceAll(/\{[a-z]+\}/g, '…')

function ambiguousStep(scenario: Scenario, { text, line }: FeatureStep, found: readonly { step: Step }[]): Problem {
  const patterns = found.map(({ step }) => `"${step.pattern}"`).join(' and ')
  return problemAt(scenario, line, 'BEHAVIOR_AMBIGUOUS', `"${text}" is ${patterns}`)
}

function pendingFaults(scenario: Scenario, ready: readonly Ready[]): Problem[] {
  const tag = scenario.tags.find((name) => PENDING.includes(name))
  const pending = (message: string): Problem[] => [problemAt(scenario, scenario.line, 'BEHAVIOR_PENDING', message)]
  if (tag !== undefined) return pending(`is marked ${tag}, so that nothing is shown`)
  if (scenario.steps.length === 0) return pending('has no steps')
  return ready.some(({ step }) => step.kind === 'then') ? [] : pending('demands nothing')
}

async function played(
  scenario: Scenario,
  ready: readonly Ready[],
  candidate: Candidate,
  openScene: OpenScene,
): Promise<Problem[]> {
  let line = scenario.line
  try {
    await using scene = await openScene()
    const course: Course = { candidate, scene, outcome: undefined, isJudged: false }
    for (const { at, step, words } of ready) {
      line = at.line
      await step.run(course, ...words, belowText(at.argument))
    }
    refuseUnjudged(course)
    return []
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'ISOLATION_UNAVAILABLE') throw thrown
    if (thrown instanceof StepFault) return [problemAt(scenario, line, 'BEHAVIOR_FAILED', thrown.message)]
    const { code, message, hint } = asTenonError(thrown)
    return [problemAt(scenario, line, 'BEHAVIOR_FAILED', `${code}: ${message}`, hint)]
  }
}

const problemAt = ({ file, name }: Scenario, line: number, code: string, message: string, hint?: string): Problem => ({
  ...{ pointer: name, file, line, code, message: `${name}: ${message}` },
  ...(hint === undefined ? {} : { hint }),
})
