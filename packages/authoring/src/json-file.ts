import { readJson, type Json, type Problem } from '@tenon/contract'
import { missing, type PluginFolder } from './plugin-folder.ts'

/** A JSON file of a plugin, or why it cannot be read. `place` makes a problem of a value one of the file. */
export type JsonFile = {
  value: Json | undefined
  problems: Problem[]
  place(problem: Problem): Problem
}

export function readJsonFile(folder: PluginFolder, path: string): JsonFile {
  const text = folder.text(path)
  if (text === undefined) return { value: undefined, problems: [missing(path)], place: (problem) => problem }
  const { value, problems, lineOf } = readJson(text)
  const place = (problem: Problem): Problem => ({ ...problem, file: path, line: lineOf(problem.pointer) })
  return {
    value: problems.length === 0 ? value : undefined,
    problems: problems.map((problem) => ({ ...problem, file: path })),
    place,
  }
}
