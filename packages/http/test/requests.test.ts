import { expect, test } from 'vitest'
import Type from 'typebox'
import { TenonError } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { noContent, routesFor } from '@tenon/http'
import { ask, askJson, codeOf, faceOf, serve, type Person } from './ask.ts'

const route = routesFor<Person>()

const counted = closed({ n: Type.Integer({ minimum: 1 }), tags: Type.Optional(Type.Array(Type.String())) })
const add = route({
  method: 'POST',
  path: '/things/{id}',
  summary: 'Adds',
  admits: 'open',
  params: Type.Object({ id: Type.String({ maxLength: 8 }) }),
  query: closed({
    limit: Type.Optional(Type.Integer({ maximum: 9 })),
    dry: Type.Optional(Type.Boolean()),
    tag: Type.Optional(Type.Array(Type.String())),
    mode: Type.Optional(Type.Union([Type.Literal('fast'), Type.Literal('slow')])),
  }),
  body: counted,
  answers: { 200: Type.Unknown() },
}).handle(({ params, query, body }) => ({ status: 200, body: { params, query, body } }))

test('hands the handler what was declared, with query text read as its schema says', async () => {
  const url = await serve(faceOf([add]))
  const answer = await askJson(`${url}/things/a%2Fb?limit=5&dry=true&tag=x&mode=fast`, { n: 2 })
  expect(answer.json()).toEqual({
    params: { id: 'a/b' },
    query: { limit: 5, dry: true, tag: ['x'], mode: 'fast' },
    body: { n: 2 },
  })
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
})

test('reports every problem of params, query and body at once', async () => {
  const url = await serve(faceOf([add]))
  const answer = await askJson(`${url}/things/far-too-long?limit=05&dry=yes&colour=red`, { n: '2', m: 1 })
  expect(codeOf(answer)).toBe('HTTP_INVALID')
  const errors = answer.json()['errors'] as { pointer: string; message: string }[]
  expect(errors.map((error) => error.pointer).sort()).toEqual([
    '/m',
    '/n',
    '/params/id',
    '/query/colour',
    '/query/dry',
    '/query/limit',
  ])
})

test('neither converts nor strips anything of a body', async () => {
  const url = await serve(faceOf([add]))
  for (const body of [{ n: '2' }, { n: true }, { n: 2, extra: 1 }, { n: 2.5 }, {}, [], null, 'n', { n: 1, tags: 'x' }])
    expect(codeOf(await askJson(`${url}/things/a`, body))).toBe('HTTP_INVALID')
})

test('hands over a body that is null, where that is allowed', async () => {
  const maybe = route({
    method: 'PUT',
    path: '/',
    summary: 'Maybe',
    admits: 'open',
    body: Type.Null(),
    answers: { 200: Type.Null() },
  }).handle(({ body }) => ({ status: 200, body }))
  expect((await askJson(await serve(faceOf([maybe])), null, 'PUT')).json()).toBeNull()
})

test('says what is missing when there is no body at all', async () => {
  const url = await serve(faceOf([add]))
  expect(codeOf(await ask(`${url}/things/a`, { method: 'POST' }))).toBe('HTTP_INVALID')
  const empty = await ask(`${url}/things/a`, { method: 'POST', headers: { 'content-type': 'application/json' } })
  expect(codeOf(empty)).toBe('HTTP_INVALID')
})

test.each([
  ['a duplicate key', '{"n":1,"n":2}'],
  ['a byte order mark', '\uFEFF{"n":1}'],
  ['half a surrogate pair', '{"n":1,"tags":["\\ud800"]}'],
  ['a number that cannot be held', '{"n":9007199254740993}'],
  ['text after the document', '{"n":1} {}'],
  ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
])('refuses a body with %s', async (_what, body) => {
  const url = await serve(faceOf([add]))
  const answer = await ask(`${url}/things/a`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect(codeOf(answer)).toBe('JSON_INVALID')
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/ld+json',
  'nonsense',
])('refuses the content type %s on a JSON route', async (type) => {
  const url = await serve(faceOf([add]))
  const answer = await ask(`${url}/things/a`, { method: 'POST', headers: { 'content-type': type }, body: '{"n":1}' })
  expect([answer.status, codeOf(answer)]).toEqual([415, 'HTTP_MEDIA_TYPE'])
})

test('refuses a JSON body without a content type', async () => {
  const url = await serve(faceOf([add]))
  const answer = await ask(`${url}/things/a`, { method: 'POST', body: '{"n":1}' })
  expect(codeOf(answer)).toBe('HTTP_MEDIA_TYPE')
})

test('takes a charset beside the JSON content type', async () => {
  const url = await serve(faceOf([add]))
  const headers = { 'content-type': 'application/json; charset=UTF-8' }
  expect((await ask(`${url}/things/a`, { method: 'POST', headers, body: '{"n":1}' })).status).toBe(200)
})

test('refuses a body over the limit, declared or not', async () => {
  const url = await serve(faceOf([add]))
  const long = { n: 1, tags: ['x'.repeat(2_000)] }
  expect([codeOf(await askJson(`${url}/things/a`, long))]).toEqual(['HTTP_BODY_TOO_LARGE'])
  const chunked = await askJson(`${url}/things/a`, long, 'POST', { 'transfer-encoding': 'chunked' })
  expect([chunked.status, codeOf(chunked)]).toEqual([413, 'HTTP_BODY_TOO_LARGE'])
})

const touch = route({
  method: 'POST',
  path: '/touch',
  summary: 'Touches',
  admits: 'open',
  answers: { 204: noContent },
}).handle(() => ({ status: 204 }))

test('takes nothing that a route does not declare', async () => {
  const url = await serve(faceOf([touch]))
  const plain = await ask(`${url}/touch`, { method: 'POST' })
  expect([plain.status, plain.text]).toEqual([204, ''])
  expect(codeOf(await askJson(`${url}/touch`, { n: 1 }))).toBe('HTTP_INVALID')
  expect(codeOf(await ask(`${url}/touch?n=1`, { method: 'POST' }))).toBe('HTTP_INVALID')
})

test('answers 404 for a route that is not there, and for a method that is not', async () => {
  const url = await serve(faceOf([add]))
  for (const [path, method] of [
    ['/nothing?token=1', 'GET'],
    ['/things/a', 'GET'],
    ['/touch', 'POST'],
  ] as const) {
    const answer = await ask(url + path, { method })
    expect([answer.status, codeOf(answer)]).toEqual([404, 'HTTP_ROUTE_UNKNOWN'])
    expect(answer.text).not.toContain('token')
  }
})

test('answers a malformed path, an endless parameter and bytes that are no HTTP with a problem document', async () => {
  const url = await serve(faceOf([add]))
  expect(codeOf(await ask(`${url}/things/%zz`, { method: 'POST' }))).toBe('HTTP_INVALID')
  expect(codeOf(await ask(`${url}/things/${'x'.repeat(600)}`, { method: 'POST' }))).toBe('HTTP_INVALID')
  const answer = await ask(`${url}/health`, { headers: { 'content-length': 'many' } })
  expect(codeOf(answer)).toBe('HTTP_INVALID')
})

const failing = (thrown: unknown) =>
  route({ method: 'GET', path: '/fail', summary: 'Fails', admits: 'open', answers: { 204: noContent } }).handle(() => {
    throw thrown
  })

test('answers a TenonError with its status, hint and problems', async () => {
  const error = new TenonError('PLUGIN_EXISTS', 'notes is there', { hint: 'choose another id' })
  const answer = await ask(`${await serve(faceOf([failing(error)]))}/fail`)
  expect([answer.status, answer.json()]).toEqual([
    409,
    {
      type: 'urn:tenon:error:PLUGIN_EXISTS',
      title: 'A plugin with this id exists already',
      status: 409,
      detail: 'notes is there',
      code: 'PLUGIN_EXISTS',
      hint: 'choose another id',
    },
  ])
})

test.each([
  ['an unexpected error', new Error('open /secret/path')],
  ['an unexpected value', '/secret/path'],
  ['a fault of ours', new TenonError('INTERNAL', 'open /secret/path')],
])('answers %s as INTERNAL and says nothing of it but the trace', async (_what, thrown) => {
  const answer = await ask(`${await serve(faceOf([failing(thrown)]))}/fail`, { headers: { 'x-trace-id': 'trace-7' } })
  expect([answer.status, codeOf(answer)]).toEqual([500, 'INTERNAL'])
  expect(answer.text).not.toContain('secret')
  expect(answer.json()['hint']).toContain('trace-7')
})

test('turns an answer that breaks its declaration into INTERNAL when answers are checked', async () => {
  const wrong = (body: never, status = 200) =>
    faceOf([
      route({
        method: 'GET',
        path: '/',
        summary: 'Wrong',
        admits: 'open',
        answers: { 200: closed({ n: Type.Integer() }) },
      }).handle(() => ({ status: status as 200, body })),
    ])
  expect((await ask(await serve(wrong({ n: 1, extra: undefined } as never)))).status).toBe(200)
  expect(codeOf(await ask(await serve(wrong({ n: 'one' } as never))))).toBe('INTERNAL')
  expect(codeOf(await ask(await serve(wrong({ n: 1 } as never, 201))))).toBe('INTERNAL')
  expect((await ask(await serve(wrong({ n: 'one' } as never), { checkResponses: false }))).json()).toEqual({ n: 'one' })
})
