import { TenonError, type Json, type Operation, type ProvidedService } from '@tenon/contract'
import type { Validator } from '@tenon/contract/schema'
import { bundledPartSchema, bundledSchema } from './bundled-schema.ts'
import type { InstalledPlugin, Installations } from './records.ts'

/** The schemas of what operations and services take and give, read from the bundle and compiled once for each installation. */
export type Contracts = {
  checkInput(plugin: string, operation: Operation, input: Json): void
  checkOutput(plugin: string, operation: Operation, output: Json): void
  /** One part of an output that comes in parts, and so is a list. */
  checkPart(plugin: string, operation: Operation, given: { part: Json; at: number }): void
  checkRequest(plugin: string, service: ProvidedService, request: Json): void
  checkResponse(plugin: string, service: ProvidedService, response: Json): void
}

type Checked = { code: 'INPUT_INVALID' | 'OUTPUT_INVALID'; what: string; value: Json }

export function contractsOf(installations: Installations): Contracts {
  const [validator, partValidator] = [
    validators(installations, bundledSchema),
    validators(installations, bundledPartSchema),
  ]
  const check = (plugin: string, path: string, checked: Checked): void =>
    refuse(checked, validator(plugin, path)?.problems(checked.value) ?? [])
  return {
    checkInput: (plugin, { name, input: has }, value) => {
      const checked: Checked = { code: 'INPUT_INVALID', what: `the input of ${plugin}/${name}`, value }
      if (has) check(plugin, `schemas/${name}.in.schema.json`, checked)
      else if (value !== null)
        refuse(checked, [{ pointer: '', code: 'INPUT', message: 'this operation takes no input: send null' }])
    },
    checkOutput: (plugin, { name, output: has }, value) => {
      const checked: Checked = { code: 'OUTPUT_INVALID', what: `the output of ${plugin}/${name}`, value }
      if (has) check(plugin, `schemas/${name}.out.schema.json`, checked)
    },
    checkPart: (plugin, { name, output: has }, { part, at }) => {
      if (!has) return
      const list = partValidator(plugin, `schemas/${name}.out.schema.json`)
      const problems = (list?.problems([part]) ?? []).map((problem) => ({
        ...problem,
        pointer: problem.pointer.replace(/^\/0/, `/${at}`),
      }))
      refuse({ code: 'OUTPUT_INVALID', what: `the output of ${plugin}/${name}`, value: part }, problems)
    },
    checkRequest: (plugin, { name, request }, value) =>
      check(plugin, request, { code: 'INPUT_INVALID', what: `the request to ${plugin}/${name}`, value }),
    checkResponse: (plugin, { name, response }, value) =>
      check(plugin, response, { code: 'OUTPUT_INVALID', what: `the response of ${plugin}/${name}`, value }),
  }
}

type Compile = (installed: InstalledPlugin, path: string) => Validator<Json>

/** Compiled once for each installation. A plugin that registered itself has no files here; its own server checks what comes. */
function validators(installations: Installations, compile: Compile) {
  const compiled = new WeakMap<InstalledPlugin, Map<string, Validator<Json>>>()
  return (plugin: string, path: string): Validator<Json> | undefined => {
    const installed = installations.get(plugin)
    if (installed === undefined) return undefined
    const known = compiled.get(installed) ?? new Map<string, Validator<Json>>()
    const found = known.get(path) ?? compile(installed, path)
    compiled.set(installed, known.set(path, found))
    return found
  }
}

function refuse({ code, what }: Checked, problems: TenonError['problems']): void {
  const [first] = problems
  if (first === undefined) return
  throw new TenonError(code, `${what} breaks its schema at "${first.pointer}": ${first.message}`, { problems })
}
