import { isErrorCode, jsonValue, TenonError, type Json, type JsonObject } from '@tenon/contract'

/** JSON-RPC's range for errors that an implementation defines; ours are told apart by `data.code`. */
const SERVER_ERROR = -32_000

/** An error as it crosses the channel; it never carries a stack. */
export function wireError({ code, message, hint, details, problems }: TenonError): JsonObject {
  const data = {
    code,
    message,
    ...(hint === undefined ? {} : { hint }),
    details: jsonValue(JSON.stringify(details)) as Json,
    ...(problems.length === 0 ? {} : { problems }),
  }
  return { code: SERVER_ERROR, message, data }
}

/** An error that a plugin sent. A code that is not ours is the plugin's own and becomes a detail of OPERATION_FAILED. */
export function errorFromWire(error: Json): TenonError {
  const { message, data } = isObject(error) ? error : {}
  const { code, hint, details } = isObject(data) ? data : {}
  const text = typeof message === 'string' ? message : 'the plugin reported a failure without a message'
  const known = typeof code === 'string' && isErrorCode(code)
  return new TenonError(known ? code : 'OPERATION_FAILED', text, {
    ...(typeof hint === 'string' ? { hint } : {}),
    details: {
      ...(isObject(details) ? details : {}),
      ...(known || typeof code !== 'string' ? {} : { pluginCode: code }),
    },
  })
}

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
