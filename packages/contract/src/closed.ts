import Type, { type TObject, type TObjectOptions, type TProperties, type TSchema } from 'typebox'

/** An object that takes no other keys than these and `x-…`. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
): TObject<Properties> =>
  Type.Object(properties, { ...options, patternProperties: { '^x-': {} }, additionalProperties: false })

/** An object that takes no other keys than those that match the pattern. */
export const keyedBy = <Value extends TSchema>(pattern: string, value: Value) =>
  Type.Record(Type.String({ pattern }), value, { additionalProperties: false })
