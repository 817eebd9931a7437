import type { Problem } from '@tenon/contract'
import { foreignValidator, readSchema } from '@tenon/contract/schema'
import { readJsonFile } from '../folder/json-file.ts'
import { operationFiles } from '../folder/schema-files.ts'
import { judged, type TestOutcome } from './gate.ts'
import type { Candidate } from './scene.ts'

/** A document beside the plugin's own examples, and whether the schema of its name is to take it. */
type Fixture = { path: string; schema: string; isValid: boolean }

const FIXTURE = /^conformance\/examples\/(.+)\.(valid|invalid)\.([A-Za-z0-9_-]+)\.json$/

/**
 * `conformance/examples/<schema>.valid.<name>.json` fits its schema, and `<schema>.invalid.<name>.json` does not. The schema
 * is `schemas/<schema>.schema.json`, or lies in `conformance/schemas`; in both it would be two things.
 */
export function checkFixtures({ spec, folder }: Candidate): TestOutcome {
  const examples = folder.files.map(({ path }) => path).filter((path) => path.startsWith('conformance/examples/'))
  const fixtures = examples.flatMap((path) => fixtureAt(path, folder.text) ?? [])
  const named = examples.filter((path) => !FIXTURE.test(path)).map(misnamed)
  const twice = folder.files.flatMap(({ path }) => shadowing(path, folder.text))
  const problems = [...named, ...twice, ...fixtures.flatMap((fixture) => fixtureProblems(folder, fixture))]
  const own = operationFiles(spec).filter(({ has }) => has).length
  return judged(fixtures.length, problems, [`${fixtures.length} fixture(s) beside ${own} example(s) of operations`])
}

type TextOf = Candidate['folder']['text']

function fixtureAt(path: string, text: TextOf): Fixture | undefined {
  const [, name = '', verdict] = FIXTURE.exec(path) ?? []
  if (verdict === undefined) return undefined
  const own = `schemas/${name}.schema.json`
  const schema = text(own) === undefined ? `conformance/${own}` : own
  return { path, schema, isValid: verdict === 'valid' }
}

/** A name that no schema goes with would never be looked at. */
const misnamed = (file: string): Problem => ({
  ...{ pointer: '', file, code: 'FIXTURE_MISNAMED', message: 'is named after no schema' },
  hint: 'Call it <schema>.valid.<name>.json or <schema>.invalid.<name>.json.',
})

/** A schema of the conformance suite that bears the name of one of the plugin's own. */
function shadowing(file: string, text: TextOf): Problem[] {
  const own = /^conformance\/(schemas\/.+)$/.exec(file)?.[1]
  if (own === undefined || text(own) === undefined) return []
  const message = `has the name of the plugin's own ${own}`
  return [{ pointer: '', file, code: 'FIXTURE_SHADOWS', message, hint: 'Give it another name.' }]
}

function fixtureProblems(folder: Candidate['folder'], { path, schema: schemaPath, isValid }: Fixture): Problem[] {
  const fixture = readJsonFile(folder, path)
  const schema = readJsonFile(folder, schemaPath)
  if (fixture.value === undefined) return fixture.problems
  if (schema.value === undefined) return schema.problems
  const unusable = readSchema(schema.value).problems
  if (unusable.length > 0) return unusable.map((problem) => schema.place({ ...problem, code: 'SCHEMA_LINT' }))
  const found = foreignValidator(schema.value).problems(fixture.value)
  if (isValid) return found.map((problem) => fixture.place({ ...problem, code: 'FIXTURE_REFUSED' }))
  if (found.length > 0) return []
  const message = `fits ${schemaPath}, which should refuse it`
  return [fixture.place({ pointer: '', code: 'FIXTURE_ACCEPTED', message })]
}
