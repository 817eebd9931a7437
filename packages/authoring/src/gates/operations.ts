import type { Problem } from '@tenon/contract'
import { foreignValidator, readSchema } from '@tenon/contract/schema'
import type { Checked, Subject } from '../gate.ts'
import { readJsonFile } from '../json-file.ts'
import { missing, type PluginFolder } from '../plugin-folder.ts'
import { operationFiles } from '../schema-files.ts'

/** Each operation has examples that pass its schemas, and tests that test. */
export function checkOperations({ spec, folder }: Subject): Checked {
  const operations = spec.operations ?? []
  return {
    checked: operations.length,
    problems: [
      ...operationFiles(spec).flatMap(({ schema, example, has }) =>
        has ? exampleProblems(folder, example, schema) : absenceProblems(folder, example),
      ),
      ...operations.flatMap(({ name, tests }) => testProblems(folder, name, tests)),
    ],
  }
}

/** Of an example that cannot be judged by its schema nothing is said: the gate of schemas says what is wrong. */
function exampleProblems(folder: PluginFolder, path: string, schemaPath: string): Problem[] {
  const example = readJsonFile(folder, path)
  const schema = readJsonFile(folder, schemaPath).value
  if (example.value === undefined) return example.problems
  if (schema === undefined || readSchema(schema).problems.length > 0) return []
  return foreignValidator(schema)
    .problems(example.value)
    .map((problem) => example.place(problem))
}

function absenceProblems(folder: PluginFolder, path: string): Problem[] {
  const { value, problems, place } = readJsonFile(folder, path)
  if (value === undefined || value === null) return problems
  const message = 'must be null: the operation has no such document'
  return [place({ pointer: '', code: 'EXAMPLE_INVALID', message })]
}

function testProblems(folder: PluginFolder, operation: string, named: string | undefined): Problem[] {
  const usual = ['ts', 'mjs', 'js', 'py'].map((end) => `tests/test_${operation}.${end}`)
  const candidates = named === undefined ? usual : [named]
  const [file = candidates.join(' or ')] = candidates.filter((path) => folder.text(path) !== undefined)
  const text = folder.text(file)
  if (text === undefined) return [missing(file, `is missing: the operation "${operation}" has no tests`)]
  if (/\bassert|\bexpect\(/.test(text)) return []
  return [{ pointer: '', file, code: 'TEST_ASSERTS_NOTHING', message: 'asserts nothing' }]
}
