/** Values as the list of a check. */
export const oneOf = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ')
