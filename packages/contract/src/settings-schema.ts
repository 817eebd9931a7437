import Type, { type Static } from 'typebox'
import { ID_PATTERN } from './identity.ts'
import { closed, keyedBy } from './closed.ts'

const base = {
  label: Type.String({ minLength: 1, maxLength: 64 }),
  description: Type.Optional(Type.String({ maxLength: 256 })),
}
const count = Type.Integer({ minimum: 0 })
const options = Type.Array(closed({ value: Type.String({ minLength: 1 }), label: Type.String({ minLength: 1 }) }), {
  minItems: 2,
})
const pair = closed({ key: Type.String(), value: Type.String() })
const bounds = { min: Type.Optional(count), max: Type.Optional(count) }

/** The ten input types a plugin's settings may have. */
export const settingSchema = Type.Union([
  closed({
    type: Type.Literal('string-list'),
    ...base,
    ...bounds,
    default: Type.Optional(Type.Array(Type.String())),
    itemMaxLength: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  closed({
    type: Type.Literal('single-string'),
    ...base,
    default: Type.Optional(Type.String()),
    minLength: Type.Optional(count),
    maxLength: Type.Optional(count),
    pattern: Type.Optional(Type.String()),
  }),
  closed({ type: Type.Literal('boolean-flag'), ...base, default: Type.Optional(Type.Boolean()) }),
  closed({
    type: Type.Literal('integer'),
    ...base,
    default: Type.Optional(Type.Integer()),
    min: Type.Optional(Type.Integer()),
    max: Type.Optional(Type.Integer()),
    step: Type.Optional(Type.Integer({ minimum: 1 })),
  }),
  closed({ type: Type.Literal('enum-pick'), ...base, options, default: Type.Optional(Type.String()) }),
  closed({
    type: Type.Literal('enum-multipick'),
    ...base,
    ...bounds,
    options,
    default: Type.Optional(Type.Array(Type.String())),
  }),
  closed({
    type: Type.Literal('path-glob'),
    ...base,
    default: Type.Optional(Type.String()),
    multiple: Type.Optional(Type.Boolean()),
  }),
  closed({
    type: Type.Literal('regex'),
    ...base,
    default: Type.Optional(Type.String()),
    flags: Type.Optional(Type.String({ pattern: '^[gimsuy]*$' })),
  }),
  closed({
    type: Type.Literal('secret'),
    ...base,
    envVar: Type.Optional(Type.String({ pattern: '^(?!TENON_)[A-Z][A-Z0-9_]*$' })),
  }),
  closed({
    type: Type.Literal('key-value-list'),
    ...base,
    ...bounds,
    keyLabel: Type.Optional(Type.String()),
    valueLabel: Type.Optional(Type.String()),
    default: Type.Optional(Type.Array(pair)),
  }),
])

export const settingsSchema = keyedBy(ID_PATTERN, settingSchema)

export const INPUT_TYPES = settingSchema.anyOf.map(({ properties }) => properties.type.const)

export type SettingDeclaration = Static<typeof settingSchema>
export type SettingsDeclaration = Static<typeof settingsSchema>
