import { defined, pointerTo, readJson, type Problem } from '@tenon/contract'
import { SPEC, textAt, type PluginFolder } from './plugin-folder.ts'

/** A problem of a value in the spec, which is there, with its line. */
export function specProblem(
  folder: PluginFolder,
  path: readonly (string | number)[],
  code: string,
  message: string,
  hint?: string,
): Problem {
  const pointer = path.reduce<string>(pointerTo, '')
  const { lineOf } = readJson(textAt(folder, SPEC))
  return defined({ pointer, file: SPEC, line: lineOf(pointer), code, message, hint })
}
