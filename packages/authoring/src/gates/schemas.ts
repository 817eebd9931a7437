import { isObject, type Json, type Problem } from '@tenon/contract'
import { readSchema } from '@tenon/contract/schema'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { readJsonFile } from '../folder/json-file.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { namedSchemas, operationFiles } from '../folder/schema-files.ts'

const DRAFT = 'https://json-schema.org/draft/2020-12/schema'

type Finding = Pick<Problem, 'pointer' | 'message' | 'hint'>

/** Every schema is there, and checks what it seems to check. */
export function checkSchemas({ spec, folder }: Subject): Checked {
  const ofOperations = operationFiles(spec).flatMap(({ schema, has }) => (has ? [schema] : []))
  const others = folder.files.map(({ path }) => path).filter((path) => /^schemas\/.*\.json$/.test(path))
  const paths = [...new Set([...ofOperations, ...namedSchemas(spec), ...others])]
  return unlessNone('it has no schemas', {
    checked: paths.length,
    problems: paths.flatMap((path) => schemaProblems(folder, path, ofOperations)),
  })
}

function schemaProblems(folder: PluginFolder, path: string, ofOperations: readonly string[]): Problem[] {
  const { value, problems, place } = readJsonFile(folder, path)
  if (value === undefined) return problems
  const isInput = ofOperations.includes(path) && path.endsWith('.in.schema.json')
  const reading = readSchema(value)
  const found = [
    ...reading.problems,
    ...reading.warnings,
    ...draftFindings(value),
    ...(isInput ? openFindings(value) : []),
  ]
  return found.map((finding) => place({ hint: 'Schemas are of draft 2020-12.', ...finding, code: 'SCHEMA_LINT' }))
}

function draftFindings(schema: Json): Finding[] {
  if (!isObject(schema) || schema['$schema'] === undefined || schema['$schema'] === DRAFT) return []
  return [{ pointer: '/$schema', message: 'is another draft than the one that is checked', hint: `Write "${DRAFT}".` }]
}

/** An input that names its keys and takes any other takes a misspelt one, too. */
function openFindings(schema: Json): Finding[] {
  if (!isObject(schema) || schema['properties'] === undefined) return []
  const isClosed = schema['additionalProperties'] !== undefined || schema['unevaluatedProperties'] !== undefined
  if (isClosed) return []
  return [{ pointer: '', message: 'an input takes no keys but its own', hint: 'Add "additionalProperties": false.' }]
}
