import type { Json } from '@tenon/contract'
import { foreignValidator, valueAt } from '@tenon/contract/schema'
import { readJsonFile } from '../folder/json-file.ts'
import { lacking, unlike } from './json-match.ts'
import { act, answerOf, codeOf, fault, jsonIn, partOf, refusalOf, textIn, type Course, type Step } from './step.ts'

const call = (course: Course, operation: string, input: Json): Promise<void> =>
  act(course, () => partOf(course, 'host').call(operation, input))

/** Calling operations, and what comes of it. */
export const STEPS_OF_CALLS: readonly Step[] = [
  {
    pattern: '{word} is given {json}',
    kind: 'when',
    means: 'Calls the operation.',
    run: (course, name, input) => call(course, name, jsonIn(input)),
  },
  {
    pattern: '{word} is given:',
    kind: 'when',
    means: 'The same, with the input below: a doc string of JSON, or a table of keys and values.',
    run: (course, name, below) => call(course, name, jsonIn(below)),
  },
  {
    pattern: 'I call {text} with {json}',
    kind: 'when',
    means: 'Calls the operation.',
    run: (course, name, input) => call(course, textIn(name), jsonIn(input)),
  },
  {
    pattern: 'I call {text} with:',
    kind: 'when',
    means: 'The same, with the input below.',
    run: (course, name, below) => call(course, textIn(name), jsonIn(below)),
  },
  {
    pattern: 'I call {text}',
    kind: 'when',
    means: 'Calls an operation that takes no input.',
    run: (course, name) => call(course, textIn(name), null),
  },
  {
    pattern: 'it answers {json}',
    kind: 'then',
    means: 'The answer is exactly this.',
    run: async (course, wanted) => insist(unlike(answerOf(course), jsonIn(wanted))),
  },
  {
    pattern: 'it answers:',
    kind: 'then',
    means: 'The answer is exactly what stands below.',
    run: async (course, below) => insist(unlike(answerOf(course), jsonIn(below))),
  },
  {
    pattern: 'it answers something like {json}',
    kind: 'then',
    means: 'The answer holds this; objects may hold more.',
    run: async (course, wanted) => insist(lacking(answerOf(course), jsonIn(wanted))),
  },
  {
    pattern: 'the answer at {text} is {json}',
    kind: 'then',
    means: 'At this JSON pointer the answer is exactly this.',
    run: async (course, pointer, wanted) =>
      insist(unlike(valueAt(answerOf(course), textIn(pointer)) as Json | undefined, jsonIn(wanted))),
  },
  {
    pattern: 'it answers something that matches {text}',
    kind: 'then',
    means: 'The answer fits the JSON Schema in this file of the plugin.',
    run: async (course, path) => insist(schemaFault(course, textIn(path))),
  },
  {
    pattern: 'it refuses with {code}',
    kind: 'then',
    means: 'There is no answer but this error: the plugin’s own code, or the host’s.',
    run: async (course, wanted) => {
      const refusal = refusalOf(course)
      const code = codeOf(refusal)
      if (code !== wanted) fault(`it refuses with ${code}: ${refusal.message}`)
    },
  },
  {
    pattern: 'it says {text}',
    kind: 'then',
    means: 'The message of the refusal holds this text.',
    run: async (course, wanted) => {
      const { message } = refusalOf(course)
      if (!message.includes(textIn(wanted))) fault(`it says ${JSON.stringify(message)}`)
    },
  },
]

export function insist(why: string | undefined): void {
  if (why !== undefined) fault(why)
}

function schemaFault(course: Course, path: string): string | undefined {
  const { value: schema, problems } = readJsonFile(course.candidate.folder, path)
  if (schema === undefined) return `${path} ${problems[0]?.message}`
  const [first] = foreignValidator(schema).problems(answerOf(course))
  return first === undefined ? undefined : `at "${first.pointer}": ${first.message}`
}
