import { defined, pointerTo, type Problem } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import { readYaml, type YamlPath } from './yaml-text.ts'

/** A YAML file by its schema, or every problem of it, each with its line. */
export type YamlFile<Value> = {
  value: Value | undefined
  problems: Problem[]
  /** The line in which the value at a path stands; what is not there stands where its holder does. */
  lineOf(path: YamlPath): number
  /** A problem of the value at a path. */
  problem(path: YamlPath, message: string, hint?: string): Problem
}

export function readYamlFile<Value>(
  text: string,
  { file, code }: { file: string; code: string },
  schema: Validator<Value>,
): YamlFile<Value> {
  const { value, faults, lineOf } = readYaml(text)
  const problem = (path: YamlPath, message: string, hint?: string): Problem =>
    defined({ pointer: path.reduce<string>(pointerTo, ''), file, line: lineOf(path), code, message, hint })
  const malformed = faults.map(({ line, message }): Problem => ({ pointer: '', file, line, code, message }))
  const problems = malformed.length > 0 ? malformed : schema.problems(value).map(placed)
  return { value: problems.length === 0 ? (value as Value) : undefined, problems, lineOf, problem }

  function placed({ pointer, message, hint }: Problem): Problem {
    return { ...problem(pointer.split('/').slice(1), message, hint), pointer }
  }
}
