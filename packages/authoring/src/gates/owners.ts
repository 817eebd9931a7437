import { basename } from 'node:path'
import type { PluginSpec, Problem } from '@tenon/contract'
import type { Checked, Subject } from '../gate.ts'
import { namedSchemas, operationFiles } from '../schema-files.ts'

const CONTRACTUAL = /^(schemas\/.*\.(in|out)\.schema\.json|examples\/.*_(request|response)\.json)$/
const FIXTURE = /^conformance\/(schemas|examples)\//

/** Every schema and example belongs to an operation that there is, and to one only. */
export function checkOwners({ spec, folder }: Subject): Checked {
  const paths = folder.files.map(({ path }) => path)
  const contractual = paths.filter((path) => CONTRACTUAL.test(path))
  const fixtures = paths.filter((path) => FIXTURE.test(path))
  const owned = ownedPaths(spec)
  const names = new Map(contractual.map((path) => [basename(path), path]))
  return {
    checked: contractual.length + fixtures.length,
    problems: [
      ...contractual
        .filter((path) => !owned.includes(path))
        .map((path) =>
          problem(path, 'belongs to no operation', 'Take it away, or give the operation back to the spec.'),
        ),
      ...fixtures
        .filter((path) => names.has(basename(path)))
        .map((path) => problem(path, `has the name of ${names.get(basename(path))}`, 'Give the fixture another name.')),
    ],
  }
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
