import { expect, test } from 'vitest'
import Type from 'typebox'
import { TenonError } from '@tenon/contract'
import { routesFor } from '@tenon/http'
import { ask, askJson, codeOf, faceOf, serve, type Person } from './ask.ts'

const route = routesFor<Person>()
const answers = { 200: Type.Unknown() }

const forAdmins = route({ method: 'GET', path: '/admin', summary: 'Admins', admits: ['admin'], answers }).handle(
  ({ principal }) => ({ status: 200, body: principal.name }),
)
const forBoth = route({
  method: 'POST',
  path: '/both',
  summary: 'Both',
  admits: ['admin', 'plugin'],
  body: Type.Integer(),
  answers,
}).handle(({ principal }) => ({ status: 200, body: principal.kind }))
const forAll = route({ method: 'GET', path: '/all', summary: 'All', admits: 'open', answers }).handle(
  ({ principal }) => ({
    status: 200,
    body: principal ?? null,
  }),
)
const asking = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('a route of one principal answers 401 to the others and to nobody', async () => {
  const url = await serve(faceOf([forAdmins, forBoth]))
  expect((await ask(`${url}/admin`, asking('admin'))).json()).toBe('Ada')
  for (const question of [asking('plugin'), asking('wrong'), {}]) {
    const answer = await ask(`${url}/admin`, question)
    expect([answer.status, codeOf(answer), answer.headers['www-authenticate']]).toEqual([
      401,
      'TOKEN_INVALID',
      'Bearer',
    ])
  }
})

test('a route of several principals knows which one came', async () => {
  const url = await serve(faceOf([forBoth]))
  for (const kind of ['admin', 'plugin'])
    expect((await askJson(`${url}/both`, 1, 'POST', asking(kind).headers)).json()).toBe(kind)
})

test('an open route asks nobody who they are', async () => {
  const url = await serve(faceOf([forAll]))
  expect((await ask(`${url}/all`, asking('wrong'))).json()).toBeNull()
})

test('a stranger is refused before its body is judged', async () => {
  const url = await serve(faceOf([forBoth]))
  expect(codeOf(await ask(`${url}/both`, { method: 'POST', body: 'x'.repeat(5_000) }))).toBe('TOKEN_INVALID')
})

test('a face is told of everybody who was not let in, and of nobody else', async () => {
  const told: string[] = []
  const face = faceOf([forAdmins])
  const onRefused: typeof face.onRefused = async ({ method, url }, { code }) =>
    void told.push(`${method} ${url} ${code}`)
  const url = await serve({ ...face, onRefused })
  for (const question of [asking('plugin'), asking('admin'), asking('wrong'), {}])
    await ask(`${url}/admin?a=b`, question)
  expect(told).toEqual(Array.from({ length: 3 }, () => 'GET /admin?a=b TOKEN_INVALID'))
})

test('when a refusal cannot be told, that is the answer', async () => {
  const onRefused = async (): Promise<void> => {
    throw new TenonError('AUDIT_UNAVAILABLE', 'the ledger cannot be written')
  }
  const url = await serve({ ...faceOf([forAdmins]), onRefused })
  expect(codeOf(await ask(`${url}/admin`))).toBe('AUDIT_UNAVAILABLE')
})
