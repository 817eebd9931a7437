import { TenonError, type Description, type Json, type JsonObject, type Operation } from '@tenon/contract'
import { forwardPathFault } from './roles.ts'

export type RemoteRequest = { method: string; path: string; body: string | undefined }

/** The path of an endpoint that a remote plugin declares under this name. */
export function endpointOf({ runtime }: Description, name: string): string | undefined {
  if (runtime.kind !== 'remote' || !Object.hasOwn(runtime.endpoints, name)) return undefined
  return runtime.endpoints[name]
}

/** An operation call as HTTP: input fields fill the `{name}` segments of the path, the others are body or query. */
export function remoteRequest({ endpoint }: Operation, input: Json): RemoteRequest {
  const { method = 'POST', path = '/' } = endpoint ?? {}
  const { filled, rest } = fillPath(path, input)
  if (method !== 'GET' && method !== 'DELETE') return { method, path: filled, body: JSON.stringify(rest) }
  const query = queryOf(rest)
  return { method, path: query === '' ? filled : `${filled}?${query}`, body: undefined }
}

function fillPath(path: string, input: Json): { filled: string; rest: Json } {
  if (!isObject(input)) return { filled: path, rest: input }
  const rest = { ...input }
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = scalarText(rest[name])
    delete rest[name]
    // A value is one segment: it may not be empty, hold a slash or climb.
    if (value === undefined || value === '' || !value.isWellFormed())
      throw new TenonError('INPUT_INVALID', `the path ${path} needs "${name}"`)
    const segment = encodeURIComponent(value)
    const fault = forwardPathFault(segment)
    if (fault !== undefined)
      throw new TenonError('INPUT_INVALID', `"${name}" is one segment of ${path}, and it ${fault}`)
    return segment
  })
  return { filled, rest }
}

function queryOf(input: Json): string {
  if (input === null) return ''
  if (!isObject(input)) throw new TenonError('INPUT_INVALID', 'an operation without a body takes an object')
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(input)) {
    const text = typeof value === 'boolean' ? String(value) : scalarText(value)
    if (text === undefined)
      throw new TenonError('INPUT_INVALID', `"${name}" must be text, number or boolean in a query`)
    query.set(name, text)
  }
  return query.toString()
}

const scalarText = (value: Json | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

const isObject = (value: Json): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
