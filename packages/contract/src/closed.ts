import Type, { type TObject, type TObjectOptions, type TProperties } from 'typebox'

/** An object that takes no other keys than these and `x-…`. */
export const closed = <Properties extends TProperties>(
  properties: Properties,
  options: TObjectOptions = {},
): TObject<Properties> =>
  Type.Object(properties, { ...options, patternProperties: { '^x-': {} }, additionalProperties: false })
