import { operationPaths } from './operation-paths.ts'
import { TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { editPlugin } from '../derive/derive.ts'
import { editJson } from '../folder/json-edit.ts'
import { jsonSpans, spanAt } from '../folder/json-spans.ts'
import { SPEC, textAt, type PluginFolder } from '../folder/plugin-folder.ts'

export type NewOperation = { name: string; summary: string; input: boolean; output: boolean }

/** Adds an operation with everything that belongs to it. Throws SPEC_INVALID for a name that cannot be had. */
export const addOperation = (disk: Disk, root: string, policies: string, wanted: NewOperation): Promise<string[]> =>
  editPlugin(disk, root, policies, (spec, folder) => {
    refuseLane(spec, wanted)
    return [{ path: SPEC, text: specWith(folder, itemOf(spec, wanted)) }]
  })

function refuseLane({ id, runtime }: PluginSpec, { name }: NewOperation): void {
  if (runtime.kind !== 'node' && runtime.kind !== 'remote')
    throw new TenonError(
      'USAGE',
      `${id} runs as ${runtime.kind}, and a host answers no calls of plugins of that kind`,
      {
        hint: `${WORK[runtime.kind]} For operations that are called, make a plugin of kind node or remote beside it.`,
      },
    )
  if (runtime.kind === 'node' && operationPaths({ runtime } as PluginSpec, name).includes(runtime.entry))
    throw new TenonError('USAGE', `${runtime.entry} is the entry of ${id}, and cannot be the source of "${name}"`)
}

/** Where what a plugin without operations does is written. */
const WORK = {
  python:
    'It does its work in the function of runtime.entryPoint, on datasets: dataset.config names a schema of what it can be told.',
  container: 'It does its work in the program of runtime.argv, on datasets.',
  map: 'It does its work in its extensions: add one to runtime.extensions.',
}

const itemOf = ({ runtime }: PluginSpec, { name, summary, input, output }: NewOperation): object => ({
  name,
  summary,
  input,
  output,
  ...(runtime.kind === 'remote' ? { endpoint: { method: 'POST', path: `/api/${name}` } } : {}),
})

function specWith(folder: PluginFolder, item: object): string {
  const text = textAt(folder, SPEC)
  const { values } = jsonSpans(text)
  if (values.has('/operations')) return editJson(text, [{ at: '/operations', appended: item }])
  const { to: at } = spanAt(values, '/runtime')
  const [, indent = '  '] = /\n([ \t]+)"/.exec(text) ?? []
  const empty = `${text.slice(0, at)},\n${indent}"operations": []${text.slice(at)}`
  return editJson(empty, [{ at: '/operations', appended: item }])
}
