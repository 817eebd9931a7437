/** Words that a module of JavaScript may not give to a function. */
const RESERVED = new Set(
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** The name of an operation or a service as it is written in code. No two have the same. */
const operationName = (name: string): string =>
  name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** The name of the function that an operation has. */
export function operationFunction(operation: string): string {
  const name = operationName(operation)
  return RESERVED.has(name) ? `${name}Operation` : name
}

/** The same as the beginning of the names of its types. */
export const typeName = (name: string): string => operationName(name).replace(/^./, (letter) => letter.toUpperCase())

/** An id as the beginning of the name of a contract. */
export const pascalCase = (id: string): string =>
  id.replaceAll(/(^|-)([a-z0-9])/g, (_, _dash: string, letter: string) => letter.toUpperCase())
