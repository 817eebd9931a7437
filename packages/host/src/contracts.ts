import { TenonError, type Json, type Operation } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import { bundledSchema } from './bundled-schema.ts'
import type { InstalledPlugin, Installations } from './records.ts'

/** The schemas of what operations take and give, read from the bundle and compiled once for each installation. */
export type OperationContracts = {
  checkInput(plugin: string, operation: Operation, input: Json): void
  checkOutput(plugin: string, operation: Operation, output: Json): void
}

export function operationContracts(installations: Installations): OperationContracts {
  const compiled = new WeakMap<InstalledPlugin, Map<string, Validator<Json>>>()
  const validator = (plugin: string, path: string): Validator<Json> | undefined => {
    const installed = installations.get(plugin)
    // A plugin that registered itself has no files here; its own server checks what comes.
    if (installed === undefined) return undefined
    const validators = compiled.get(installed) ?? new Map<string, Validator<Json>>()
    const known = validators.get(path) ?? bundledSchema(installed, path)
    compiled.set(installed, validators.set(path, known))
    return known
  }
  return {
    checkInput: (plugin, { name, input: has }, input) => {
      if (!has && input !== null)
        throw breaks('INPUT_INVALID', plugin, name, [
          { pointer: '', code: 'INPUT', message: 'this operation takes no input: send null' },
        ])
      const problems = has ? (validator(plugin, `schemas/${name}.in.schema.json`)?.problems(input) ?? []) : []
      if (problems.length > 0) throw breaks('INPUT_INVALID', plugin, name, problems)
    },
    checkOutput: (plugin, { name, output: has }, output) => {
      const problems = has ? (validator(plugin, `schemas/${name}.out.schema.json`)?.problems(output) ?? []) : []
      if (problems.length > 0) throw breaks('OUTPUT_INVALID', plugin, name, problems)
    },
  }
}

function breaks(
  code: 'INPUT_INVALID' | 'OUTPUT_INVALID',
  plugin: string,
  operation: string,
  problems: TenonError['problems'],
): TenonError {
  const [first] = problems
  const what = code === 'INPUT_INVALID' ? 'input' : 'output'
  return new TenonError(
    code,
    `the ${what} of ${plugin}/${operation} breaks its schema at "${first?.pointer ?? ''}": ${first?.message ?? ''}`,
    { problems },
  )
}
