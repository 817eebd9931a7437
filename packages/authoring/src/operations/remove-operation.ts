import { TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { editPlugin } from '../derive/derive.ts'
import { editJson, type JsonEdit } from '../folder/json-edit.ts'
import { SPEC, textAt, withChanges, type PluginFolder } from '../folder/plugin-folder.ts'
import { namedSchemas } from '../folder/schema-files.ts'
import { mentionsOf, type Mention } from './mentions.ts'
import { operationAt } from './operation-at.ts'
import { fixturePaths, operationPaths, presentPaths } from './operation-paths.ts'

/**
 * Takes an operation away with what is its alone, and tells which files, and which lines still name it. Throws
 * OPERATION_IN_USE where files that people wrote import what would go, unless `anyway`.
 */
export async function removeOperation(
  disk: Disk,
  root: string,
  policies: string,
  { name, anyway }: { name: string; anyway: boolean },
): Promise<{ written: string[]; mentions: Mention[] }> {
  let mentions: Mention[] = []
  const written = await editPlugin(disk, root, policies, (spec, folder) => {
    const index = operationAt(spec, name)
    const gone = ownPaths(spec, folder, name)
    const left = withChanges(
      folder,
      gone.map((path) => ({ path, text: undefined })),
    )
    if (!anyway) refuseUse(left, name, gone)
    mentions = mentionsOf(left, new RegExp(`\\b${name}\\b`))
    const text = editJson(textAt(folder, SPEC), specEdits(spec, name, index))
    return [{ path: SPEC, text }, ...gone.map((path) => ({ path, text: undefined }))]
  })
  return { written, mentions }
}

/** Files of the operation that nothing else of the spec names. */
function ownPaths(spec: PluginSpec, folder: PluginFolder, name: string): string[] {
  const { operations = [] } = spec
  const rest = { ...spec, operations: operations.filter((operation) => operation.name !== name) }
  const named = [...namedSchemas(rest), ...rest.operations.flatMap(({ tests = [] }) => tests)]
  const paths = [...presentPaths(folder, operationPaths(spec, name)), ...fixturePaths(folder, name)]
  return paths.filter((path) => !named.includes(path) && !named.includes(schemaOf(path)))
}

/** The schema that a fixture is named after. */
const schemaOf = (path: string): string =>
  path.replace(/^conformance\/examples\/(\w+\.(?:in|out))\..+$/, 'schemas/$1.schema.json')

function refuseUse(left: PluginFolder, name: string, gone: readonly string[]): void {
  const ends = gone.map((path) => path.slice(path.lastIndexOf('/')).replaceAll('.', '\\.')).join('|')
  const uses = ends === '' ? [] : mentionsOf(left, new RegExp(`['"][^'"]*(${ends})['"]`))
  if (uses.length === 0) return
  throw new TenonError('OPERATION_IN_USE', `${uses.length} line(s) still use what is only of "${name}"`, {
    problems: uses.map(({ file, line, text }) => ({
      pointer: '',
      file,
      line,
      code: 'OPERATION_IN_USE',
      message: text,
    })),
    hint: 'Change them first, or take the operation away all the same with --yes.',
  })
}

/** From the end to the beginning, so that every pointer still holds when its turn comes. */
function specEdits({ health, performance, operations = [] }: PluginSpec, name: string, index: number): JsonEdit[] {
  const probes = (health?.probes ?? []).flatMap(({ id, kind, target = id }, at) =>
    kind === 'op' && target === name ? at : [],
  )
  const others = (health?.probes ?? []).length > probes.length
  return [
    ...(probes.length > 0 && !others ? [{ at: '/health/probes', isGone: true as const }] : []),
    ...(others ? probes.toReversed().map((at) => ({ at: `/health/probes/${at}`, isGone: true as const })) : []),
    ...(performance !== undefined && name in performance
      ? [{ at: `/performance/${name}`, isGone: true as const }]
      : []),
    operations.length === 1 ? { at: '/operations', isGone: true } : { at: `/operations/${index}`, isGone: true },
  ]
}
