import { defined, type Json, type JsonObject, type SettingDeclaration } from '@tenon/contract'

const TEXT = { type: 'string' }
const PAIR = {
  type: 'object',
  required: ['key', 'value'],
  properties: { key: TEXT, value: TEXT },
  additionalProperties: false,
}

/** The JSON Schema of a setting's value. Patterns of its user's and secrets are any text. */
export function settingValue(setting: SettingDeclaration): JsonObject {
  switch (setting.type) {
    case 'boolean-flag':
      return { type: 'boolean' }
    case 'integer':
      return { type: 'integer', ...bounds('minimum', 'maximum', setting), ...steps(setting) }
    case 'string-list':
      return {
        ...list(defined({ ...TEXT, maxLength: setting.itemMaxLength })),
        ...bounds('minItems', 'maxItems', setting),
      }
    case 'single-string':
      return defined({
        ...TEXT,
        minLength: setting.minLength,
        maxLength: setting.maxLength,
        pattern: setting.pattern,
      })
    case 'enum-pick':
      return choice(setting.options)
    case 'enum-multipick':
      return { ...list(choice(setting.options)), uniqueItems: true, ...bounds('minItems', 'maxItems', setting) }
    case 'path-glob':
      return setting.multiple === true ? { anyOf: [GLOB, list(GLOB)] } : GLOB
    case 'key-value-list':
      return { ...list(PAIR), ...bounds('minItems', 'maxItems', setting) }
    default:
      return TEXT
  }
}

const GLOB = { type: 'string', minLength: 1 }
const list = (items: Json): JsonObject => ({ type: 'array', items })
const choice = (options: readonly { value: string }[]): JsonObject => ({ enum: options.map(({ value }) => value) })

const bounds = (least: string, most: string, { min, max }: { min?: number; max?: number }): JsonObject =>
  defined({ [least]: min, [most]: max })

/** JSON Schema counts steps from 0 only. Others have a keyword that no validator knows, so that a change of it is noticed. */
function steps({ min = 0, step }: { min?: number; step?: number }): JsonObject {
  if (step === undefined || step === 1) return {}
  return min % step === 0 ? { multipleOf: step } : { steps: { of: step, from: min } }
}
