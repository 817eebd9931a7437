import { pointerTo, type Json, type JsonObject, type Problem } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { RESERVED_BLOCKS } from '../files/sidecar.ts'
import type { AnnotationKey } from '../kernel/inputs.ts'
import { isMapping } from '../text/yaml.ts'

/** A plugin that writes, among the keys that plugins bring to sidecars. */
export type Writer = { pluginId: string; keys: readonly AnnotationKey[] }

/**
 * Why a plugin may not make these changes, of which `after` comes: it writes the blocks of the specification, the keys of
 * its own block, and the root keys that it has to itself; values are what their schemas say.
 */
export const keyProblems = (writer: Writer, changes: JsonObject, after: JsonObject): Problem[] =>
  Object.entries(changes)
    .filter(([key]) => !RESERVED_BLOCKS.includes(key))
    .flatMap(([key, change]) => problemsAt(writer, key, change, after[key]))

function problemsAt({ pluginId, keys }: Writer, key: string, change: Json, value: Json | undefined): Problem[] {
  const atRoot = keys.find((known) => known.location === 'root' && known.key === key)
  if (atRoot?.pluginId === pluginId) return valueProblems(atRoot, [key], value)
  if (atRoot !== undefined) return [problem([key], `belongs to the plugin ${atRoot.pluginId}, not to ${pluginId}`)]
  if (key !== pluginId) return [problem([key], `is no block of the plugin ${pluginId}, nor a key that it brings`)]
  if (change === null) return []
  if (!isMapping(change)) return [problem([key], 'is the block of a plugin, so it is a mapping')]
  const own = keys.filter((known) => known.location === 'namespaced' && known.pluginId === pluginId)
  return Object.entries(change).flatMap(([name, inner]) => {
    const known = own.find((candidate) => candidate.key === name)
    if (known !== undefined) return valueProblems(known, [key, name], isMapping(value) ? value[name] : undefined)
    return inner === null ? [] : [problem([key, name], `is no key that the plugin ${pluginId} brings`)]
  })
}

/** A key that is taken out has no value. */
const valueProblems = ({ schema }: AnnotationKey, path: string[], value: unknown): Problem[] =>
  value === undefined
    ? []
    : foreignValidator(schema)
        .problems(value)
        .map((found) => ({ ...found, pointer: pointerOf(path) + found.pointer }))

const pointerOf = (path: string[]): string => path.reduce(pointerTo, '')

const problem = (path: string[], message: string): Problem => ({
  pointer: pointerOf(path),
  code: 'PERMISSION_DENIED',
  message,
})
