import { basename } from 'node:path'
import type { PluginSpec, Problem } from '@tenon/contract'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { namedSchemas, operationFiles } from '../folder/schema-files.ts'

const CONTRACTUAL = /^(schemas\/.*\.(in|out)\.schema\.json|examples\/.*_(request|response)\.json)$/
const FIXTURE = /^conformance\/(schemas|examples)\//
const BUDGET = /^conformance\/perf\/(.+)\.perf\.json$/

/** Every schema and example belongs to an operation that there is, and to one only. */
export function checkOwners({ spec, folder }: Subject): Checked {
  const paths = folder.files.map(({ path }) => path)
  const contractual = paths.filter((path) => CONTRACTUAL.test(path))
  const fixtures = paths.filter((path) => FIXTURE.test(path))
  const owned = ownedPaths(spec)
  const names = new Map(contractual.map((path) => [basename(path), path]))
  const budgets = paths.filter((path) => BUDGET.test(path))
  const operations = (spec.operations ?? []).map(({ name }) => name)
  return unlessNone('it has no schema, example, fixture or budget', {
    checked: contractual.length + fixtures.length + budgets.length,
    problems: [
      ...contractual
        .filter((path) => !owned.includes(path))
        .map((path) =>
          problem(path, 'belongs to no operation', 'Take it away, or give the operation back to the spec.'),
        ),
      ...fixtures
        .filter((path) => names.has(basename(path)))
        .map((path) => problem(path, `has the name of ${names.get(basename(path))}`, 'Give the fixture another name.')),
      ...budgets
        .filter((path) => !operations.includes(path.replace(BUDGET, '$1')))
        .map((path) => problem(path, 'is the budget of no operation', 'Take it away, or give it the name of one.')),
    ],
  })
}

const ownedPaths = (spec: PluginSpec): (string | undefined)[] => [
  ...operationFiles(spec).flatMap(({ schema, example, has }) => (has ? [schema, example] : [example])),
  ...namedSchemas(spec),
  ...(spec.health?.probes ?? []).flatMap(({ request, expect }) => [request, expect]),
]

const problem = (file: string, message: string, hint: string): Problem => ({
  pointer: '',
  file,
  code: 'FILE_OWNERLESS',
  message,
  hint,
})
