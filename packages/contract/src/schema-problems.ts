import type { Problem } from './errors.ts'
import { pointerTo } from './json-text.ts'
import { nearest } from './nearest.ts'

/** The error form of TypeBox's two validators. */
export type SchemaError = {
  keyword: string
  schemaPath: string
  instancePath: string
  params: object
  message: string
}

/** Turns a validator's errors into problems that name the value, the place and a way out, one per thing wrong. */
export function schemaProblems(schema: object, value: unknown, errors: readonly SchemaError[]): Problem[] {
  const relevant = chosenBranches(errors).filter((error) => error.keyword !== 'boolean')
  const problems = relevant.flatMap((error) => problemsOf(error, schema, value))
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const key = `${problem.pointer} ${problem.message}`
    return seen.has(key) ? false : seen.add(key)
  })
}

/** Of a failed anyOf only the branch that was meant speaks: the one whose discriminator fits, if any does. */
function chosenBranches(errors: readonly SchemaError[]): SchemaError[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  const outermost = unions.find((union) => !unions.some((other) => other !== union && isInside(union, other)))
  if (outermost === undefined) return [...errors]
  const inside = errors.filter((error) => isInside(error, outermost))
  const outside = errors.filter((error) => error !== outermost && !inside.includes(error))
  const branches = Object.values(Object.groupBy(inside, (error) => branchOf(error, outermost))) as SchemaError[][]
  const meant = branches.filter((branch) => !branch.some((error) => isDiscriminator(error, outermost)))
  const chosen = meant.length === 1 ? chosenBranches(meant[0] ?? []) : [mergedChoice(outermost, branches)]
  return [...chosenBranches(outside), ...chosen]
}

const unionPath = (union: SchemaError): string => `${union.schemaPath}/${union.keyword}/`

const isInside = (error: SchemaError, union: SchemaError): boolean =>
  error.schemaPath.startsWith(unionPath(union)) && error.instancePath.startsWith(union.instancePath)

const branchOf = (error: SchemaError, union: SchemaError): string =>
  error.schemaPath.slice(unionPath(union).length).split('/')[0] ?? ''

/** A const one level down, or a wrong type at the union itself, tells that this branch was not meant. */
function isDiscriminator(error: SchemaError, union: SchemaError): boolean {
  if (error.instancePath === union.instancePath) return error.keyword === 'type' || error.keyword === 'const'
  const rest = error.instancePath.slice(union.instancePath.length + 1)
  return error.keyword === 'const' && !rest.includes('/')
}

function mergedChoice(union: SchemaError, branches: SchemaError[][]): SchemaError {
  const consts = branches.flatMap((branch) => branch.filter((error) => error.keyword === 'const'))
  const first = consts[0]
  if (first === undefined) return union
  const allowed = consts.flatMap((error) => ('allowedValue' in error.params ? [error.params.allowedValue] : []))
  return { ...first, keyword: 'enum', params: { allowedValues: allowed } }
}

function problemsOf(error: SchemaError, schema: object, value: unknown): Problem[] {
  const params = error.params as Record<string, unknown>
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties')
    return unknownKeys(error, params, schema)
  if (error.keyword === 'required') return missingKeys(error, params)
  const found = valueAt(value, error.instancePath)
  return [
    {
      pointer: error.instancePath,
      code: `SCHEMA_${snake(error.keyword)}`,
      message: `${shown(found)} ${expectation(error, params)}`,
      ...choiceHint(params, found),
    },
  ]
}

function unknownKeys(error: SchemaError, params: Record<string, unknown>, schema: object): Problem[] {
  const keys = (params['additionalProperties'] ?? params['unevaluatedProperties'] ?? []) as string[]
  const at = valueAt(schema, error.schemaPath.replace(/^#/, '')) as { properties?: object } | undefined
  const known = Object.keys(at?.properties ?? {})
  return keys.map((key) => {
    const near = nearest(key, known)
    return {
      pointer: pointerTo(error.instancePath, key),
      code: 'SCHEMA_UNKNOWN_KEY',
      message: `the key "${key}" is not known here`,
      hint: near === undefined ? `Known keys: ${known.join(', ')}.` : `Did you mean "${near}"?`,
    }
  })
}

const missingKeys = (error: SchemaError, params: Record<string, unknown>): Problem[] =>
  ((params['requiredProperties'] ?? []) as string[]).map((key) => ({
    pointer: pointerTo(error.instancePath, key),
    code: 'SCHEMA_REQUIRED',
    message: `the key "${key}" is missing`,
  }))

function expectation(error: SchemaError, params: Record<string, unknown>): string {
  const allowed = params['allowedValues']
  if (error.keyword === 'enum' && Array.isArray(allowed)) return `must be one of ${allowed.map(shown).join(', ')}`
  if (error.keyword === 'const') return `must be ${shown(params['allowedValue'])}`
  return error.message
}

function choiceHint(params: Record<string, unknown>, found: unknown): { hint?: string } {
  const allowed = params['allowedValues']
  if (!Array.isArray(allowed) || typeof found !== 'string') return {}
  const near = nearest(
    found,
    allowed.filter((value) => typeof value === 'string'),
  )
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` }
}

const snake = (keyword: string): string => keyword.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

export function valueAt(value: unknown, pointer: string): unknown {
  let at = value
  for (const part of pointer.split('/').slice(1)) {
    if (at === null || typeof at !== 'object') return undefined
    at = (at as Record<string, unknown>)[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  return at
}

/** A value as a message shows it: JSON, cut short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
