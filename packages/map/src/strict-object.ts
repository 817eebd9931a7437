import Type, { type TObject, type TProperties } from 'typebox'

/** skill-map's objects take no other keys, not even `x-…`. */
export const strictObject = <Properties extends TProperties>(properties: Properties): TObject<Properties> =>
  Type.Object(properties, { additionalProperties: false })
