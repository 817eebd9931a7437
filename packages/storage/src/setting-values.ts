import { limits, pointerTo, type Json, type Problem, type SettingDeclaration } from '@tenon/contract'

type Declared<Type extends SettingDeclaration['type']> = Extract<SettingDeclaration, { type: Type }>

/** Every problem of a value that a setting is to have. */
export function settingProblems(id: string, declaration: SettingDeclaration, value: Json): Problem[] {
  return faultsOf(declaration, value).map((fault) => settingProblem(id, fault))
}

export const settingProblem = (id: string, fault: string): Problem => ({
  pointer: pointerTo('', id),
  code: 'SETTING_INVALID',
  message: `${id} ${fault}`,
})

function faultsOf(declaration: SettingDeclaration, value: Json): string[] {
  switch (declaration.type) {
    case 'string-list':
      return stringListFaults(declaration, value)
    case 'single-string':
      return stringFaults(declaration, value)
    case 'boolean-flag':
      return typeof value === 'boolean' ? [] : ['is not true or false']
    case 'integer':
      return integerFaults(declaration, value)
    case 'enum-pick':
      return choiceFaults(declaration.options, value)
    case 'enum-multipick':
      return choicesFaults(declaration, value)
    case 'path-glob':
      return globFaults(declaration, value)
    case 'regex':
      return regexFaults(declaration, value)
    case 'secret':
      return secretFaults(value)
    default:
      return pairFaults(declaration, value)
  }
}

const isStrings = (value: Json): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

function countFaults({ min = 0, max = Infinity }: { min?: number; max?: number }, count: number): string[] {
  if (count < min) return [`has ${count} entries; at least ${min} are needed`]
  return count > max ? [`has ${count} entries; at most ${max} are allowed`] : []
}

function stringListFaults(declaration: Declared<'string-list'>, value: Json): string[] {
  if (!isStrings(value)) return ['is no list of texts']
  const { itemMaxLength = Infinity } = declaration
  const long = value.filter((item) => item.length > itemMaxLength)
  return [
    ...countFaults(declaration, value.length),
    ...long.map((item) => `has an entry of ${item.length} characters; at most ${itemMaxLength} are allowed`),
  ]
}

function stringFaults(
  { minLength = 0, maxLength = Infinity, pattern }: Declared<'single-string'>,
  value: Json,
): string[] {
  if (typeof value !== 'string') return ['is no text']
  return [
    ...(value.length < minLength ? [`has ${value.length} characters; at least ${minLength} are needed`] : []),
    ...(value.length > maxLength ? [`has ${value.length} characters; at most ${maxLength} are allowed`] : []),
    ...(pattern === undefined ? [] : patternFaults(pattern, value)),
  ]
}

/** The pattern is somebody else's text: it may be none. */
function patternFaults(pattern: string, value: string): string[] {
  const compiled = compile(pattern)
  if (typeof compiled === 'string') return [`is declared with a pattern that ${compiled}`]
  return compiled.test(value) ? [] : [`does not match ${pattern}`]
}

function compile(source: string, flags?: string): RegExp | string {
  try {
    return new RegExp(source, flags)
  } catch (thrown) {
    return `is no regular expression: ${thrown instanceof Error ? thrown.message : String(thrown)}`
  }
}

function integerFaults({ min = -Infinity, max = Infinity, step = 1 }: Declared<'integer'>, value: Json): string[] {
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) return ['is no integer']
  const start = Number.isFinite(min) ? min : 0
  return [
    ...(value < min ? [`is ${value}; at least ${min} is needed`] : []),
    ...(value > max ? [`is ${value}; at most ${max} is allowed`] : []),
    ...((value - start) % step === 0 ? [] : [`is ${value}, which no steps of ${step} from ${start} reach`]),
  ]
}

function choiceFaults(options: Declared<'enum-pick'>['options'], value: Json): string[] {
  if (options.some((option) => option.value === value)) return []
  return [`is ${JSON.stringify(value)}; the choices are ${options.map((option) => option.value).join(', ')}`]
}

function choicesFaults(declaration: Declared<'enum-multipick'>, value: Json): string[] {
  if (!isStrings(value)) return ['is no list of choices']
  return [
    ...countFaults(declaration, value.length),
    ...value.flatMap((item) => choiceFaults(declaration.options, item)),
    ...(new Set(value).size === value.length ? [] : ['has a choice twice']),
  ]
}

function globFaults({ multiple }: Declared<'path-glob'>, value: Json): string[] {
  const globs = multiple === true && isStrings(value) ? value : [value]
  return globs.every((glob) => typeof glob === 'string' && glob !== '') ? [] : ['is no path pattern']
}

function regexFaults({ flags }: Declared<'regex'>, value: Json): string[] {
  const compiled = typeof value === 'string' ? compile(value, flags) : 'is no text'
  return typeof compiled === 'string' ? [compiled] : []
}

/** Says nothing of the value: it must not reach a log. */
function secretFaults(value: Json): string[] {
  if (typeof value !== 'string' || value === '') return ['is no text']
  return Buffer.byteLength(value) > limits.secretBytes ? [`has more than ${limits.secretBytes} bytes`] : []
}

function pairFaults(declaration: Declared<'key-value-list'>, value: Json): string[] {
  if (!Array.isArray(value) || !value.every(isPair)) return ['is no list of { key, value }']
  return countFaults(declaration, value.length)
}

const isPair = (item: Json): boolean =>
  item !== null &&
  typeof item === 'object' &&
  !Array.isArray(item) &&
  Object.keys(item).sort().join() === 'key,value' &&
  Object.values(item).every((part) => typeof part === 'string')
