import Type, { type Static } from 'typebox'
import type { Problem } from '@tenon/contract'
import { readAs, validatorOf } from '@tenon/contract/schema'
import { strictObject } from '../strict-object.ts'
import { assertionProblems, type Assertion } from './assertion-format.ts'
import { caseProblem } from './case-problem.ts'
import { leadsOut } from './leads-out.ts'

const text = Type.String({ minLength: 1 })
const words = Type.Optional(Type.Array(text))
const toggle = Type.Optional(Type.Boolean())

const caseSchema = strictObject({
  $schema: Type.Optional(Type.String()),
  id: Type.String({ pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' }),
  description: text,
  fixture: Type.Optional(text),
  setup: Type.Optional(
    strictObject({
      disableAllProviders: toggle,
      disableAllExtractors: toggle,
      disableAllRules: toggle,
      priorScans: Type.Optional(Type.Array(strictObject({ fixture: text, flags: words }))),
    }),
  ),
  invoke: strictObject({ verb: text, sub: Type.Optional(text), args: words, flags: words }),
  assertions: Type.Array(Type.Unknown(), { minItems: 1 }),
})

/** A case of skill-map's suite: what is scanned before, what is then run, and what has to come of it. */
export type ConformanceCase = Omit<Static<typeof caseSchema>, 'assertions'> & { assertions: Assertion[] }

const cases = validatorOf(caseSchema)

export type ReadCase = { conformanceCase: ConformanceCase; problems?: never } | { problems: Problem[] }

/** Reads a case, which has the id that its file is named by, or gives everything that keeps it from being run. */
export function readCase(source: string, stem: string): ReadCase {
  const { value, problems } = readAs(source, cases)
  if (value === undefined) return { problems }
  const found = [
    ...idProblems(value, stem),
    ...wordProblems(value),
    ...value.assertions.flatMap((assertion, index) => assertionProblems(assertion, `/assertions/${index}`)),
  ]
  return found.length === 0 ? { conformanceCase: value as ConformanceCase } : { problems: found }
}

type Words = Pick<ConformanceCase, 'invoke' | 'setup'>

const idProblems = ({ id }: { id: string }, stem: string): Problem[] =>
  id === stem ? [] : [caseProblem('/id', `is "${id}", but the file is "${stem}.json"`)]

/** What of a case becomes a command line. A suite is data: it reaches no file but its own, and trusts no code. */
function wordProblems({ invoke, setup }: Words): Problem[] {
  const { verb, sub, args = [], flags = [] } = invoke
  return [
    ...(verb === 'conformance' ? [caseProblem('/invoke/verb', 'no suite runs a suite')] : []),
    ...[verb, sub ?? ''].flatMap((word) => wordProblem('/invoke', word)),
    ...args.flatMap((word, index) => wordProblem(`/invoke/args/${index}`, word)),
    ...flags.flatMap((word, index) => wordProblem(`/invoke/flags/${index}`, word)),
    ...(setup?.priorScans ?? []).flatMap(({ flags: prior = [] }, scan) =>
      prior.flatMap((word, index) => wordProblem(`/setup/priorScans/${scan}/flags/${index}`, word)),
    ),
  ]
}

function wordProblem(pointer: string, word: string): Problem[] {
  if (leadsOut(word)) return [caseProblem(pointer, `${JSON.stringify(word)} leads out of the folder of the case`)]
  if (/^--trust(=|$)/.test(word)) return [caseProblem(pointer, 'a suite cannot have code trusted')]
  return []
}
