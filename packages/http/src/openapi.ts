import { jsonValue, type JsonObject } from '@tenon/contract'
import { problemSchema } from '@tenon/contract/schema'
import type { TSchema } from 'typebox'
import { PROBLEM_TYPE } from './problem-answers.ts'
import { isBytes, isNoContent, METHODS, type AnswerShape, type BodyShape, type Route } from './route.ts'

export type SecurityScheme =
  | { type: 'http'; scheme: 'bearer'; description: string }
  | { type: 'apiKey'; in: 'cookie'; name: string; description: string }

export type Documented = {
  title: string
  version: string
  /** Where the routes are mounted; empty for the root. */
  prefix: string
  principals: Readonly<Record<string, readonly SecurityScheme[]>>
  routes: readonly Route[]
}

/** The OpenAPI 3.1 document of a face, from the same table that its routes are registered from. */
export function openApiDocument({ title, version, prefix, principals, routes }: Documented): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const item = (paths[route.path.replace('*}', '}')] ??= {})
    for (const method of methodsOf(route)) item[method.toLowerCase()] = operationOf(route, method, principals)
  }
  const securitySchemes = Object.fromEntries(
    Object.entries(principals).flatMap(([kind, schemes]) =>
      schemes.map((scheme) => [schemeName(kind, scheme), scheme]),
    ),
  )
  const document = {
    openapi: '3.1.0',
    info: { title, version },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    paths,
    components: { securitySchemes, schemas: { problem: withoutId(problemSchema) } },
  }
  // Schemas carry hidden marks; the text of the document is the document.
  return jsonValue(JSON.stringify(document)) as JsonObject
}

export const methodsOf = (route: Route): readonly string[] => (route.method === 'ANY' ? METHODS : [route.method])

function operationOf(route: Route, method: string, principals: Documented['principals']): object {
  return {
    operationId: operationId(method, route.path),
    summary: route.summary,
    parameters: [...parametersOf('path', route), ...parametersOf('query', route)],
    ...(route.body === undefined ? {} : { requestBody: requestBodyOf(route.body) }),
    responses: {
      ...Object.fromEntries(Object.entries(route.answers).map(([status, shape]) => [status, responseOf(shape)])),
      default: {
        description: 'What went wrong',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/problem' } } },
      },
    },
    security:
      route.admits === 'open'
        ? []
        : route.admits.flatMap((kind) =>
            (principals[kind] ?? []).map((scheme) => ({ [schemeName(kind, scheme)]: [] })),
          ),
  }
}

const schemeName = (kind: string, scheme: SecurityScheme): string =>
  `${kind}-${scheme.type === 'http' ? 'token' : 'session'}`

/** `GET /plugins/{id}` → `getPluginsId`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  (path.match(/[A-Za-z0-9]+/g) ?? []).map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')

function parametersOf(where: 'path' | 'query', route: Route): object[] {
  const schema = where === 'path' ? route.params : route.query
  const required: readonly string[] = schema?.required ?? []
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: property,
  }))
}

const requestBodyOf = (shape: BodyShape): object => ({
  required: !isBytes(shape),
  content: isBytes(shape) ? { [shape.bytes]: {} } : { 'application/json': { schema: withoutId(shape) } },
})

function responseOf(shape: AnswerShape): object {
  if (isNoContent(shape)) return { description: 'Done' }
  if (isBytes(shape)) return { description: 'Bytes', content: { [shape.bytes]: {} } }
  return { description: 'Done', content: { 'application/json': { schema: withoutId(shape) } } }
}

/** A schema used at two places may not bear its `$id` twice in one document. */
function withoutId(schema: TSchema): object {
  const { $id: _id, ...rest } = schema as { $id?: string }
  return rest
}
