import type { Operation, Problem } from '@tenon/contract'
import { foreignValidator, readSchema } from '@tenon/contract/schema'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { refusals } from './refusals.ts'
import { readJsonFile } from '../folder/json-file.ts'
import { missing, type PluginFolder } from '../folder/plugin-folder.ts'
import { operationTests, testPaths } from '../folder/operation-tests.ts'
import { operationFiles } from '../folder/schema-files.ts'

/** Each operation has examples that pass its schemas, and tests that test. */
export function checkOperations({ spec, folder }: Subject): Checked {
  const operations = spec.operations ?? []
  return unlessNone('it has no operations', {
    checked: operations.length,
    problems: [
      ...operationFiles(spec).flatMap(({ schema, example, has }) =>
        has ? exampleProblems(folder, example, schema) : absenceProblems(folder, example),
      ),
      ...operations.flatMap((operation) => testProblems(folder, operation)),
    ],
  })
}

/** Of an example that cannot be judged by its schema nothing is said: the gate of schemas says what is wrong. */
function exampleProblems(folder: PluginFolder, path: string, schemaPath: string): Problem[] {
  const example = readJsonFile(folder, path)
  const schema = readJsonFile(folder, schemaPath).value
  if (example.value === undefined) return example.problems
  if (schema === undefined || readSchema(schema).problems.length > 0) return []
  return foreignValidator(schema)
    .problems(example.value)
    .map((problem) => example.place({ hint: `It has to be as ${schemaPath} says.`, ...problem }))
}

function absenceProblems(folder: PluginFolder, path: string): Problem[] {
  const { value, problems, place } = readJsonFile(folder, path)
  if (value === undefined || value === null) return problems
  const message = 'must be null: the operation has no such document'
  const hint = 'Take the file away, or say in the spec that the operation has one.'
  return [place({ pointer: '', code: 'EXAMPLE_INVALID', message, hint })]
}

function testProblems(folder: PluginFolder, operation: Operation): Problem[] {
  const tests = operationTests(folder, operation)
  const paths = testPaths(operation).join(' or ')
  if (tests === undefined) return [missing(paths, `is missing: the operation "${operation.name}" has no tests`)]
  const told = (code: string, message: string, hint: string): Problem[] => [
    { pointer: '', file: tests.file, line: 1, code, message, hint },
  ]
  if (!/\bassert|\bexpect\(/.test(tests.text))
    return told('TEST_ASSERTS_NOTHING', 'asserts nothing', 'Say with assert or expect what the operation answers.')
  return refusals(tests.text) > 0 ? [] : told('TEST_REFUSES_NOTHING', 'has no case that is refused', NEGATIVE)
}

const NEGATIVE =
  'Say what the operation refuses: assert.rejects, expect(…).rejects, assertRaises, pytest.raises, or a status from 400 on.'
