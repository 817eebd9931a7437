import Type, { type Static, type TSchema } from 'typebox'
import { patternFault, type Problem } from '@tenon/contract'
import { nearest, validatorOf, type Validator } from '@tenon/contract/schema'
import { strictObject } from '../strict-object.ts'
import { caseProblem } from './case-problem.ts'
import { stepsOf } from './json-path.ts'

const text = Type.String({ minLength: 1 })

const exitCode = strictObject({ type: Type.Literal('exit-code'), value: Type.Integer({ minimum: 0, maximum: 255 }) })
const jsonPath = strictObject({
  type: Type.Literal('json-path'),
  path: text,
  equals: Type.Optional(Type.Unknown()),
  greaterThan: Type.Optional(Type.Number()),
  lessThan: Type.Optional(Type.Number()),
  matches: Type.Optional(Type.String()),
})
const fileExists = strictObject({ type: Type.Literal('file-exists'), path: text })
const fileContains = strictObject({ type: Type.Literal('file-contains-verbatim'), path: text, fixture: text })
const fileMatches = strictObject({ type: Type.Literal('file-matches-schema'), path: text, schema: text })
const stderrMatches = strictObject({ type: Type.Literal('stderr-matches'), pattern: Type.String() })

export type JsonPathAssertion = Static<typeof jsonPath>
export type FileContains = Static<typeof fileContains>
export type FileMatches = Static<typeof fileMatches>

/** What has to come of a case. */
export type Assertion =
  | Static<typeof exitCode>
  | JsonPathAssertion
  | Static<typeof fileExists>
  | FileContains
  | FileMatches
  | Static<typeof stderrMatches>

const schemas: Record<Assertion['type'], TSchema> = {
  'exit-code': exitCode,
  'json-path': jsonPath,
  'file-exists': fileExists,
  'file-contains-verbatim': fileContains,
  'file-matches-schema': fileMatches,
  'stderr-matches': stderrMatches,
}

const validators = new Map<unknown, Validator<unknown>>(
  Object.entries(schemas).map(([type, schema]) => [type, validatorOf(schema)]),
)

/** Everything that is wrong with an assertion. One of a type that is not known here cannot hold. */
export function assertionProblems(assertion: unknown, pointer: string): Problem[] {
  const type: unknown = (Object(assertion) as { type?: unknown }).type
  const validator = validators.get(type)
  if (validator === undefined) return [unknownType(type, pointer)]
  const problems = validator.problems(assertion)
  if (problems.length > 0) return problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
  // It has just been shown to be one.
  return valueProblems(assertion as Assertion, pointer)
}

function unknownType(type: unknown, pointer: string): Problem {
  const meant = nearest(String(type), Object.keys(schemas))
  const problem = caseProblem(
    `${pointer}/type`,
    `there is no type of assertion ${JSON.stringify(type) ?? 'without a name'}`,
  )
  return meant === undefined ? problem : { ...problem, hint: `Did you mean "${meant}"?` }
}

/** What a schema cannot say. */
function valueProblems(assertion: Assertion, pointer: string): Problem[] {
  if (assertion.type === 'stderr-matches') return patternProblems(assertion.pattern, `${pointer}/pattern`)
  if (assertion.type !== 'json-path') return []
  const { path, matches } = assertion
  return [
    ...(stepsOf(path) === undefined
      ? [caseProblem(`${pointer}/path`, `${JSON.stringify(path)} is no path into JSON`)]
      : []),
    ...(COMPARATORS.some((name) => name in assertion)
      ? []
      : [caseProblem(pointer, `says nothing of the value: ${COMPARATORS.join(', ')}`)]),
    ...(matches === undefined ? [] : patternProblems(matches, `${pointer}/matches`)),
  ]
}

const COMPARATORS = ['equals', 'greaterThan', 'lessThan', 'matches']

function patternProblems(pattern: string, pointer: string): Problem[] {
  const fault = patternFault(pattern)
  return fault === undefined ? [] : [caseProblem(pointer, fault)]
}
