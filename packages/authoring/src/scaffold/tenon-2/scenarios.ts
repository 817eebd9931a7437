import { canonicalJson, prettyJson, type Json } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'
import { ANSWER, type Operation } from './operation-documents.ts'

/**
 * What an operation answers and what it refuses, as scenarios, and a document that its schema refuses. `blank` is the code
 * under which it refuses a blank text.
 */
export const operationConformance = (operation: Operation, blank: string): TextFile[] => [
  { path: `conformance/behavior/${operation.name}.feature`, text: featureOf(operation, blank) },
  ...fixtureOf(operation),
]

function featureOf({ name, input, output }: Operation, blank: string): string {
  const answer = output ? { text: input ? 'hello' : ANSWER } : null
  const given = (value: Json): string => `${name} is given ${canonicalJson(value)}`
  const [what, refused, code] = input
    ? ['a blank text', { text: ' ' }, blank]
    : ['an input, as it takes none', {}, 'INPUT_INVALID']
  return `Feature: ${name}

  Scenario: It answers its example
    When ${input ? given({ text: 'hello' }) : `I call "${name}"`}
    Then it answers ${canonicalJson(answer)}

  Scenario: It refuses ${what}
    When ${given(refused)}
    Then it refuses with ${code}
`
}

function fixtureOf({ name, input, output }: Operation): TextFile[] {
  const fixture = (what: string, value: Json): TextFile[] => [
    { path: `conformance/examples/${name}.${what}.json`, text: prettyJson(value) },
  ]
  if (input) return fixture('in.invalid.unknown-key', { text: 'hello', txet: 'hello' })
  return output ? fixture('out.invalid.no-text', {}) : []
}

/** What comes of a dataset by the program that a new plugin has. */
export const datasetScenario = (): TextFile => ({
  path: 'conformance/behavior/dataset.feature',
  text: `Feature: What comes of a dataset

  Scenario: Its files are counted
    Given the file "a.txt" with "a"
    And the file "below/b.txt" with "b"
    When the dataset is run
    Then it answers ["summary.json"]
    And the output "summary.json" at "/files" is 2
`,
})

/** What a scan shows by the extractor that a new plugin has. */
export const scanScenario = (): TextFile => ({
  path: 'conformance/behavior/scan.feature',
  text: `Feature: What a scan shows

  Scenario: Words are counted
    When a node holds "one two"
    Then it shows {"words":{"value":2}}
    And it has no warning
`,
})
