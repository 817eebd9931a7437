import type { PluginFile } from '@tenon/bundle'
import { readJson, type Json, type JsonDocument, type Problem } from '@tenon/contract'
import { readOnce } from './read-once.ts'
import { missing, textOf, type PluginFolder } from './plugin-folder.ts'

/** A JSON file of a plugin, or why it cannot be read. `place` makes a problem of a value one of the file. */
export type JsonFile = {
  value: Json | undefined
  problems: Problem[]
  place(problem: Problem): Problem
}

const documents = new WeakMap<PluginFile, JsonDocument>()

/** The JSON of a file, read once for each that was read. */
export function jsonOf(file: PluginFile): JsonDocument {
  const document = documents.get(file) ?? readJson(textOf(file))
  documents.set(file, document)
  return document
}

export const readJsonFile = readOnce((folder: PluginFolder, path: string): JsonFile => {
  const file = folder.file(path)
  if (file === undefined) return { value: undefined, problems: [missing(path)], place: (problem) => problem }
  const { value, problems, lineOf } = jsonOf(file)
  const place = (problem: Problem): Problem => ({ ...problem, file: path, line: lineOf(problem.pointer) })
  return {
    value: problems.length === 0 ? value : undefined,
    problems: problems.map((problem) => ({ hint: 'Mend its JSON.', ...problem, file: path })),
    place,
  }
})
