import { TenonError, type Json, type JsonObject } from '@tenon/contract'

/** The parameters of a request that a plugin makes. */
export function objectOf(params: Json): JsonObject {
  if (params !== null && typeof params === 'object' && !Array.isArray(params)) return params
  throw new TenonError('PROTOCOL_VIOLATION', 'the parameters must be an object')
}

/** A plugin's names end up in audit entries, so they are short. */
const NAME_LENGTH_MAX = 512

/** A parameter that is text. */
export function text(params: JsonObject, key: string, lengthMax = NAME_LENGTH_MAX): string {
  const value = params[key]
  if (typeof value === 'string' && value.length <= lengthMax) return value
  throw new TenonError('PROTOCOL_VIOLATION', `the parameter "${key}" must be text of at most ${lengthMax} characters`)
}
