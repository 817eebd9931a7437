import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import Type from 'typebox'
import { closed } from '@tenon/contract/schema'
import { bytes, noContent, routesFor } from '@tenon/http'
import { ask, faceOf, serve, type Person } from './ask.ts'

const route = routesFor<Person>()
const thing = closed({ n: Type.Integer() }, { $id: 'urn:test:thing', title: 'thing' })
const params = Type.Object({ id: Type.String({ maxLength: 9 }) })

const face = faceOf([
  route({
    method: 'PUT',
    path: '/things/{id}',
    summary: 'Puts a thing',
    admits: ['admin', 'plugin'],
    params,
    query: closed({ dry: Type.Optional(Type.Boolean()), by: Type.String() }),
    body: thing,
    answers: { 200: thing, 204: noContent },
  }).handle(() => ({ status: 204 })),
  route({
    method: 'GET',
    path: '/things/{id}',
    summary: 'Gets',
    admits: 'open',
    params,
    answers: { 200: thing },
  }).handle(() => ({ status: 200, body: { n: 1 } })),
  route({
    method: 'ANY',
    path: '/{id}/{rest*}',
    summary: 'Forwards',
    admits: ['plugin'],
    params: Type.Object({ id: Type.String(), rest: Type.String() }),
    body: bytes('*/*', 10),
    answers: { 200: bytes('*/*') },
  }).handle(() => ({ status: 200, body: '' })),
])

type Operation = {
  operationId: string
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: { content: Record<string, { schema?: object }> }
  responses: Record<string, { content?: Record<string, { schema?: object }> }>
  security: Record<string, unknown[]>[]
}
type Document = {
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: Record<string, object>; schemas: Record<string, object> }
}

const document = async (): Promise<Document> =>
  (await ask(`${await serve(face)}/openapi.json`)).json() as unknown as Document

test('the document lists every route with its parameters, bodies, answers and principals', async () => {
  const { paths, components } = await document()
  expect(Object.keys(paths).sort()).toEqual(['/health', '/metrics', '/openapi.json', '/things/{id}', '/{id}/{rest}'])
  expect(Object.keys(paths['/{id}/{rest}'] ?? {})).toEqual(['get', 'post', 'put', 'patch', 'delete', 'options'])
  expect(paths['/things/{id}']?.['put']).toMatchObject({
    operationId: 'putThingsId',
    summary: 'Puts a thing',
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 9 } },
      { name: 'dry', in: 'query', required: false, schema: { type: 'boolean' } },
      { name: 'by', in: 'query', required: true },
    ],
    requestBody: { content: { 'application/json': { schema: { title: 'thing' } } } },
    responses: { 200: { content: { 'application/json': {} } }, 204: {}, default: {} },
    security: [{ 'admin-token': [] }, { 'admin-session': [] }, { 'plugin-token': [] }],
  })
  expect(paths['/things/{id}']?.['get']?.security).toEqual([])
  expect(Object.keys(components.securitySchemes)).toEqual(['admin-token', 'admin-session', 'plugin-token'])
})

test('every operation has its own id, and every schema compiles under the second judge', async () => {
  const { paths, components } = await document()
  const operations = Object.values(paths).flatMap((item) => Object.values(item))
  const ids = operations.map((operation) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const contents = operations.flatMap(({ requestBody, responses }) => [
    ...Object.values(requestBody?.content ?? {}),
    ...Object.values(responses).flatMap((response) => Object.values(response.content ?? {})),
  ])
  const schemas = contents.flatMap(({ schema }) => (schema === undefined || '$ref' in schema ? [] : [schema]))
  const ajv = new Ajv2020({ strict: true })
  for (const schema of [...schemas, ...Object.values(components.schemas)])
    expect(() => ajv.compile(schema)).not.toThrow()
})
