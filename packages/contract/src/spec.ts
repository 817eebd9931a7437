import type { Description } from './description.ts'
import type { Problem } from './errors.ts'
import { pluginSpecSchema, type PluginSpec } from './spec-schema.ts'
import { specRuleProblems } from './spec-rules.ts'
import { readAs, validatorOf, type Reading } from './validator.ts'

const validator = validatorOf(pluginSpecSchema)

/** Reads `plugin.spec.json`: syntax, schema, then the rules a schema cannot say. Reports every problem with its line. */
export function readSpec(text: string): Reading<PluginSpec> {
  const reading = readAs(text, validator)
  if (reading.value === undefined) return reading
  const problems: Problem[] = specRuleProblems(reading.value)
  for (const problem of problems) problem.line ??= reading.document.lineOf(problem.pointer)
  return { ...reading, problems, value: problems.length === 0 ? reading.value : undefined }
}

/** Tenon's own dialect: a valid spec as a description. */
export function describeSpec(spec: PluginSpec): Description {
  const { specVersion: _version, $schema: _schema, ...rest } = spec
  return { ...rest, dialect: 'tenon', original: spec }
}
