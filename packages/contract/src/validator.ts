import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import Schema from 'typebox/schema'
import { Settings } from 'typebox/system'
import { TenonError, type Problem } from './errors.ts'
import { limits } from './limits.ts'
import { readJson, type Json, type JsonDocument } from './json-text.ts'
import { schemaProblems } from './schema-problems.ts'
import { readSchema } from './schema-reading.ts'

// TypeBox stops at eight errors unless told otherwise; we report every problem.
Settings.Set({ maxErrors: limits.problemsMax })

export type Validator<T> = {
  /** Every problem of the value; none means that it is a T. */
  problems(value: unknown): Problem[]
  is(value: unknown): value is T
}

/** A validator for one of our own schemas, compiled at its first use. */
export function validatorOf<S extends TSchema>(schema: S): Validator<Static<S>> {
  let compiled: ReturnType<typeof Compile> | undefined
  const check = () => (compiled ??= Compile(schema))
  return {
    problems: (value) => (check().Check(value) ? [] : schemaProblems(schema, value, check().Errors(value))),
    is: (value): value is Static<S> => check().Check(value),
  }
}

/** A validator for a JSON Schema that somebody else wrote. Throws SCHEMA_INVALID for one that checks nothing. */
export function foreignValidator(document: Json): Validator<Json> {
  const { problems } = readSchema(document)
  const [first] = problems
  if (first !== undefined)
    throw new TenonError('SCHEMA_INVALID', `the schema is invalid at "${first.pointer}": ${first.message}`, {
      problems,
    })
  const schema = document as object
  const isValid = compiledWhenUsed(schema)
  return {
    problems: (value) => (isValid(value) ? [] : schemaProblems(schema, value, Schema.Errors(schema, value)[1])),
    is: (value): value is Json => isValid(value),
  }
}

/** To compile a schema takes as long as to interpret it for some documents. */
const INTERPRETED = 4

function compiledWhenUsed(schema: object): (value: unknown) => boolean {
  let asked = 0
  let compiled: ReturnType<typeof Schema.Compile> | undefined
  return (value) => {
    asked += 1
    if (asked <= INTERPRETED) return Schema.Check(schema, value)
    compiled ??= Schema.Compile(schema)
    return compiled.Check(value)
  }
}

export type Reading<T> = { value: T | undefined; problems: Problem[]; document: JsonDocument }

/** Reads text, checks it, and gives each problem its line. `value` is set only when there is no problem. */
export function readAs<T>(text: string, validator: Validator<T>): Reading<T> {
  const document = readJson(text)
  const found = document.value === undefined ? [] : validator.problems(document.value)
  for (const problem of found) problem.line ??= document.lineOf(problem.pointer)
  const problems = [...document.problems, ...found]
  return { value: problems.length === 0 ? (document.value as T) : undefined, problems, document }
}
