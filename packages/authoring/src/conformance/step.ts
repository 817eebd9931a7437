import type { PickleStepArgument } from '@cucumber/messages'
import { readJson, TenonError, type Json, type JsonObject, type Problem } from '@tenon/contract'
import { readAs, validatorOf } from '@tenon/contract/schema'
import Type from 'typebox'
import type { Candidate, Scene } from './scene.ts'

/** What the last thing that was asked of the plugin came to. */
export type Outcome = { answer: Json } | { refusal: TenonError }

/** A scenario on its way: the plugin, and what it last did. */
export type Course = {
  candidate: Candidate
  scene: Scene
  outcome: Outcome | undefined
  /** Whether some step said what should have come of it; a refusal that nobody expected fails. */
  isJudged: boolean
}

export type Step = {
  /** A Cucumber expression. One that ends in a colon takes a doc string, or a table, below it. */
  pattern: string
  /** What it is for: a scenario without a `then` shows nothing. Any of them may stand behind any word of Gherkin. */
  kind: 'given' | 'when' | 'then'
  /** What it does or demands, as the documentation says it. */
  means: string
  /** Settles when it is so, and throws a StepFault when it is not. Words are those of the pattern, then what stands below. */
  run(course: Course, ...words: readonly string[]): Promise<void>
}

/** What is not as a step says, in words that follow the step. */
export class StepFault extends Error {}

export function fault(message: string): never {
  throw new StepFault(message)
}

/** The part of a scene that a step is about. */
export function partOf<Part extends keyof Scene & string>(
  { scene, candidate }: Course,
  part: Part,
): NonNullable<Scene[Part]> {
  return scene[part] ?? fault(`a plugin of kind ${candidate.spec.runtime.kind} is not asked so`)
}

/** JSON as a step writes it. */
export const jsonIn = (text: string): Json => valueOf(readJson(text))

const texts = validatorOf(Type.String())

/** A text as a step writes it: a JSON string, quotes included. */
export const textIn = (quoted: string): string => valueOf(readAs(quoted, texts))

const valueOf = <T>({ value, problems: [first] }: { value: T | undefined; problems: Problem[] }): T =>
  value === undefined || first !== undefined ? fault(`no JSON: ${first?.message}`) : value

/** Does something of which it is then judged what came of it. */
export async function act(course: Course, work: () => Promise<Json>): Promise<void> {
  refuseUnjudged(course)
  course.isJudged = false
  try {
    course.outcome = { answer: await work() }
  } catch (thrown) {
    if (!(thrown instanceof TenonError)) throw thrown
    course.outcome = { refusal: thrown }
  }
}

/** A refusal that no step spoke of. */
export function refuseUnjudged({ outcome, isJudged }: Course): void {
  if (outcome !== undefined && 'refusal' in outcome && !isJudged)
    fault(
      `it refused with ${codeOf(outcome.refusal)} before, and no step says that it does: ${outcome.refusal.message}`,
    )
}

export function answerOf(course: Course): Json {
  const outcome = judged(course)
  return 'answer' in outcome
    ? outcome.answer
    : fault(`it refuses with ${codeOf(outcome.refusal)}: ${outcome.refusal.message}`)
}

export function refusalOf(course: Course): TenonError {
  const outcome = judged(course)
  return 'refusal' in outcome ? outcome.refusal : fault(`it answers ${JSON.stringify(outcome.answer)}`)
}

function judged(course: Course): Outcome {
  course.isJudged = true
  return course.outcome ?? fault('nothing was asked before')
}

/** The plugin's own code, or the host's. */
export const codeOf = ({ code, details: { pluginCode } }: TenonError): string =>
  typeof pluginCode === 'string' ? pluginCode : code

/** What stands below a step, as text: a doc string as it is, a table of two columns as a JSON object of its rows. */
export function belowText({ docString, dataTable }: PickleStepArgument = {}): string {
  if (dataTable === undefined) return docString?.content ?? ''
  const rows = dataTable.rows.map(({ cells }) => cells.map(({ value }) => value))
  const entries = rows.map(([key = '', value = '']): [string, Json] => [key, cellValue(value)])
  return JSON.stringify(Object.fromEntries(entries) satisfies JsonObject)
}

/** A cell is JSON where it reads as such, and a text where not. */
function cellValue(text: string): Json {
  const { value, problems } = readJson(text)
  return value === undefined || problems.length > 0 ? text : value
}
