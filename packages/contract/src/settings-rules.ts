import type { Problem } from './errors.ts'
import { pointerTo } from './json-text.ts'
import { patternFault } from './regular-expression.ts'
import { shown } from './schema-problems.ts'
import type { SettingDeclaration, SettingsDeclaration } from './settings-schema.ts'

type Declared<Type extends SettingDeclaration['type']> = Extract<SettingDeclaration, { type: Type }>
/** A key of the declaration and what is wrong with its value. */
type Fault = [key: string, message: string]

/**
 * What a schema cannot say of settings: bounds that cross, and a default that its own declaration refuses. A pattern is
 * compiled and not matched: it is somebody else's, and may take for ever.
 */
export const settingsProblems = (settings: SettingsDeclaration): Problem[] =>
  Object.entries(settings).flatMap(([id, declaration]) =>
    faultsOf(declaration).map(([key, message]) => ({
      pointer: pointerTo(pointerTo('/settings', id), key),
      code: 'SPEC_SETTING',
      message,
    })),
  )

function faultsOf(declaration: SettingDeclaration): Fault[] {
  switch (declaration.type) {
    case 'string-list':
      return [...crossed('min', declaration.min, declaration.max), ...listFaults(declaration)]
    case 'single-string':
      return [...crossed('minLength', declaration.minLength, declaration.maxLength), ...stringFaults(declaration)]
    case 'integer':
      return [...crossed('min', declaration.min, declaration.max), ...integerFaults(declaration)]
    case 'enum-pick':
      return choiceFaults(declaration.options, declaration.default === undefined ? [] : [declaration.default])
    case 'enum-multipick':
      return [
        ...crossed('min', declaration.min, declaration.max),
        ...countFaults(declaration, declaration.default),
        ...choiceFaults(declaration.options, declaration.default ?? []),
      ]
    case 'regex':
      return compileFaults('default', declaration.default, declaration.flags)
    case 'key-value-list':
      return [...crossed('min', declaration.min, declaration.max), ...countFaults(declaration, declaration.default)]
    default:
      return []
  }
}

const crossed = (key: string, min = -Infinity, max = Infinity): Fault[] =>
  min > max ? [[key, `${min} is more than the upper bound, ${max}`]] : []

/** Why a number is outside its bounds, in words; none when it is inside. */
function outside(number: number, what: string, min = -Infinity, max = Infinity): Fault[] {
  if (number < min) return [['default', `${what} is less than ${min}`]]
  return number > max ? [['default', `${what} is more than ${max}`]] : []
}

const countFaults = ({ min, max }: { min?: number; max?: number }, list: unknown[] | undefined): Fault[] =>
  list === undefined ? [] : outside(list.length, `the number of entries, ${list.length},`, min, max)

function listFaults(declaration: Declared<'string-list'>): Fault[] {
  const { default: list, itemMaxLength } = declaration
  return [
    ...countFaults(declaration, list),
    ...(list ?? []).flatMap((item) => lengthFaults(item, undefined, itemMaxLength)),
  ]
}

const stringFaults = ({ default: text, minLength, maxLength, pattern }: Declared<'single-string'>): Fault[] => [
  ...compileFaults('pattern', pattern),
  ...(text === undefined ? [] : lengthFaults(text, minLength, maxLength)),
]

const lengthFaults = (text: string, min: number | undefined, max: number | undefined): Fault[] =>
  outside(text.length, `the length of ${shown(text)}, ${text.length},`, min, max)

function integerFaults({ default: value, min, max, step = 1 }: Declared<'integer'>): Fault[] {
  if (value === undefined) return []
  const start = min ?? 0
  const isReached = (value - start) % step === 0
  return [
    ...outside(value, String(value), min, max),
    ...(isReached ? [] : ([['default', `${value} is reached by no steps of ${step} from ${start}`]] as Fault[])),
  ]
}

function choiceFaults(options: { value: string }[], chosen: readonly string[]): Fault[] {
  const values = options.map(({ value }) => value)
  const twice = values.filter((value, index) => values.indexOf(value) < index)
  const unknown = chosen.filter((value) => !values.includes(value))
  return [
    ...twice.map((value): Fault => ['options', `the value ${shown(value)} is there twice`]),
    ...unknown.map((value): Fault => ['default', `${shown(value)} is none of ${values.join(', ')}`]),
  ]
}

function compileFaults(key: string, pattern: string | undefined, flags?: string): Fault[] {
  const fault = pattern === undefined ? undefined : patternFault(pattern, flags)
  return fault === undefined ? [] : [[key, fault]]
}
