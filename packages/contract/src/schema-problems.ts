import type { Problem } from './errors.ts'
import { pointerTo } from './json-text.ts'
import { nearest } from './nearest.ts'
import { ownValue } from './own-value.ts'

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
  const chosen = chosenBranches(errors)
  const telling = withoutEchoes(chosen)
  const problems = telling.flatMap((error) => problemsOf(error, { schema, value, chosen, telling }))
  return [...new Map(problems.map((problem) => [`${problem.pointer} ${problem.message}`, problem])).values()]
}

/** What one error is looked at with: the errors that may speak, and of these those that say what no other says better. */
type Surroundings = {
  schema: object
  value: unknown
  chosen: readonly SchemaError[]
  telling: readonly SchemaError[]
}

/** Of a failed anyOf only the branch that was meant speaks: the one whose discriminator fits, if any does. */
function chosenBranches(errors: readonly SchemaError[]): SchemaError[] {
  const unions = errors.filter((error) => error.keyword === 'anyOf' || error.keyword === 'oneOf')
  const outermost = unions.find((union) => !unions.some((other) => other !== union && isInside(union, other)))
  if (outermost === undefined) return [...errors]
  const inside = errors.filter((error) => isInside(error, outermost))
  const outside = errors.filter((error) => error !== outermost && !inside.includes(error))
  const branches = [...Map.groupBy(inside, (error) => branchOf(error, outermost)).values()]
  const [meant, ...others] = branches.filter((branch) => !branch.some((error) => isDiscriminator(error, outermost)))
  const isPlain = meant !== undefined && others.length === 0
  return [...chosenBranches(outside), ...(isPlain ? chosenBranches(meant) : [mergedChoice(outermost, branches)])]
}

const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}/`)

const unionPath = (union: SchemaError): string => `${union.schemaPath}/${union.keyword}`

const isInside = (error: SchemaError, union: SchemaError): boolean =>
  isBelow(error.schemaPath, unionPath(union)) && isBelow(error.instancePath, union.instancePath)

const branchOf = (error: SchemaError, union: SchemaError): string | undefined =>
  error.schemaPath.slice(unionPath(union).length + 1).split('/')[0]

/** A const one level down, or a wrong type at the union itself, tells that this branch was not meant. */
function isDiscriminator(error: SchemaError, union: SchemaError): boolean {
  if (error.instancePath === union.instancePath) return error.keyword === 'type' || error.keyword === 'const'
  const rest = error.instancePath.slice(union.instancePath.length + 1)
  return error.keyword === 'const' && !rest.includes('/')
}

/** The constants of all branches as one choice, where they all speak of one place. */
function mergedChoice(union: SchemaError, branches: SchemaError[][]): SchemaError {
  const consts = branches.flatMap((branch) => branch.filter((error) => error.keyword === 'const'))
  const [first] = consts
  if (first === undefined || consts.some(({ instancePath }) => instancePath !== first.instancePath)) return union
  const allowedValues = consts.map(({ params }) => ('allowedValue' in params ? params.allowedValue : undefined))
  return { ...first, keyword: 'enum', params: { allowedValues } }
}

/** Drops what another error says better: that a key is not allowed, that its name breaks a rule, which rule "else" has. */
function withoutEchoes(errors: readonly SchemaError[]): SchemaError[] {
  const sums = (keyword: string) => errors.filter((error) => error.keyword === keyword)
  const [strange, misnamed] = [sums('additionalProperties'), sums('propertyNames')]
  const left = errors.filter((error) => {
    const isInsideOne = (sum: SchemaError): boolean => isInside(error, sum)
    return !misnamed.some(isInsideOne) && (error.keyword !== 'boolean' || !strange.some(isInsideOne))
  })
  return left.filter((error) => error.keyword !== 'if' || !left.some((other) => isInsideElse(other, error)))
}

const isInsideElse = (error: SchemaError, condition: SchemaError): boolean =>
  isBelow(error.schemaPath, `${condition.schemaPath}/else`) && isBelow(error.instancePath, condition.instancePath)

type Params = Record<string, unknown>

function problemsOf(error: SchemaError, { schema, value, chosen, telling }: Surroundings): Problem[] {
  const params = error.params as Params
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKeys(error, keysIn(params, 'additionalProperties').filter(isUnexplained(error, telling)), schema)
    case 'unevaluatedProperties':
      return unknownKeys(error, keysIn(params, 'unevaluatedProperties'), schema)
    case 'required':
      return missingKeys(error, keysIn(params, 'requiredProperties'))
    case 'dependentRequired':
      return missingKeys(error, keysIn(params, 'dependencies').filter(isAbsent(valueAt(value, error.instancePath))))
    case 'propertyNames':
      return keysIn(params, 'propertyNames').flatMap((key) => nameProblem(error, key, chosen))
    default:
      return [valueProblem(error, params, valueAt(value, error.instancePath))]
  }
}

const keysIn = (params: Params, name: string): string[] => params[name] as string[]

const isAbsent =
  (object: unknown) =>
  (key: string): boolean =>
    !Object.hasOwn(object as object, key)

/** Whether no error tells what is wrong with the value under a key, so that the key itself is what is wrong. */
const isUnexplained = (summary: SchemaError, telling: readonly SchemaError[]) => (key: string) =>
  !telling.some(
    (error) =>
      isBelow(error.schemaPath, `${summary.schemaPath}/additionalProperties`) &&
      isBelow(error.instancePath, pointerTo(summary.instancePath, key)),
  )

function unknownKeys(error: SchemaError, keys: readonly string[], schema: object): Problem[] {
  const object = objectSchemaAt(schema, error.schemaPath)
  const known = Object.keys(valueAt(object, '/properties') ?? {})
  const patterns = Object.keys(valueAt(object, '/patternProperties') ?? {})
  return keys.map((key) => ({
    pointer: pointerTo(error.instancePath, key),
    code: 'SCHEMA_UNKNOWN_KEY',
    message: `the key "${key}" is not known here`,
    ...keyHint(key, known, patterns),
  }))
}

function keyHint(key: string, known: readonly string[], patterns: readonly string[]): { hint?: string } {
  const near = nearest(key, known)
  if (near !== undefined) return { hint: `Did you mean "${near}"?` }
  if (known.length > 0) return { hint: `Known keys: ${known.join(', ')}.` }
  return patterns.length === 0 ? {} : { hint: `A key here matches ${patterns.join(' or ')}.` }
}

const missingKeys = (error: SchemaError, keys: readonly string[]): Problem[] =>
  keys.map((key) => ({
    pointer: pointerTo(error.instancePath, key),
    code: 'SCHEMA_REQUIRED',
    message: `the key "${key}" is missing`,
  }))

function nameProblem(summary: SchemaError, key: string, chosen: readonly SchemaError[]): Problem {
  const pointer = pointerTo(summary.instancePath, key)
  const rules = chosen.filter((error) => error.instancePath === pointer && isInside(error, summary))
  const why = rules.map((error) => expectation(error, error.params as Params)).join(' and ')
  return { pointer, code: 'SCHEMA_PROPERTY_NAMES', message: `the key "${key}" ${why}` }
}

const valueProblem = (error: SchemaError, params: Params, found: unknown): Problem => ({
  pointer: error.instancePath,
  code: `SCHEMA_${snake(error.keyword)}`,
  message: `${shown(found)} ${expectation(error, params)}`,
  ...choiceHint(params, found),
})

function expectation({ keyword, message }: SchemaError, params: Params): string {
  switch (keyword) {
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map(shown).join(', ')}`
    case 'const':
      return `must be ${shown(params['allowedValue'])}`
    case 'contains':
      return `must have ${bounds(params as { minContains: number; maxContains?: number })} items of the wanted kind`
    case 'boolean':
      return 'must not be here'
    case 'not':
      return 'must not be of the kind that its schema excludes'
    default:
      return message
  }
}

const bounds = ({ minContains, maxContains }: { minContains: number; maxContains?: number }): string =>
  maxContains === undefined ? `at least ${minContains}` : `${minContains} to ${maxContains}`

function choiceHint(params: Params, found: unknown): { hint?: string } {
  const allowed = params['allowedValues']
  if (!Array.isArray(allowed) || typeof found !== 'string') return {}
  const near = nearest(
    found,
    allowed.filter((value) => typeof value === 'string'),
  )
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` }
}

const snake = (keyword: string): string => keyword.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()

/** The part of a schema that an error's path names. TypeBox's paths pass over a `$ref`, so every step follows one. */
function objectSchemaAt(schema: object, path: string): unknown {
  let at: unknown = schema
  for (const part of path.split('/')) {
    if (part !== '#') at = valueAt(at, `/${part}`)
    for (let ref = localRef(at); ref !== undefined; ref = localRef(at)) at = valueAt(schema, ref)
  }
  return at
}

function localRef(schema: unknown): string | undefined {
  const ref = valueAt(schema, '/$ref')
  return typeof ref === 'string' && ref.startsWith('#') ? ref.slice(1) : undefined
}

export function valueAt(value: unknown, pointer: string): unknown {
  let at = value
  for (const part of pointer.split('/').slice(1)) {
    if (at === null || typeof at !== 'object') return undefined
    at = ownValue(at as Record<string, unknown>, part.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return at
}

/** A value as a message shows it: JSON, cut short. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
