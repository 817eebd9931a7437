import type { PluginSpec } from '@tenon/contract'
import { entryFiles } from '../folder/entry-files.ts'
import { unlessNone, type Checked, type Subject } from './gate.ts'
import { missing, SPEC } from '../folder/plugin-folder.ts'
import { operationFiles } from '../folder/schema-files.ts'

/** Every file that the spec names is there. Schemas have a gate of their own. */
export function checkNamedFiles({ spec, folder }: Subject): Checked {
  const has = (path: string): boolean => folder.text(path) !== undefined
  const paths = [...entryFiles(spec, has), ...otherFiles(spec)]
  return unlessNone('its spec names no file beside those of other gates', {
    checked: paths.length,
    problems: paths
      .filter((path) => !has(path))
      .map((path) => missing(path, 'is missing', `Write it, or name another in ${SPEC}.`)),
  })
}

/** The tests and the examples of operations are another gate's. */
function otherFiles(spec: PluginSpec): string[] {
  const { runtime, health } = spec
  const project = runtime.kind === 'python' ? [runtime.project] : []
  const migrations =
    runtime.kind === 'map' && runtime.mapStorage?.mode === 'dedicated' ? runtime.mapStorage.migrations : []
  const probes = (health?.probes ?? []).flatMap(({ request, expect }) => [request, expect])
  const examples = operationFiles(spec).map(({ example }) => example)
  return [...project, ...migrations, ...probes]
    .filter((path) => path !== undefined)
    .filter((path) => !examples.includes(path))
}
