import { expect, test } from 'vitest'
import type { Answered } from './ask.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'

const added = async (host: TestHost, name: string): Promise<string> =>
  String((await host.admin('POST', '/admin/users', { name })).body['token'])
const me = (host: TestHost, token: string): Promise<Answered> => host.as(token, 'GET', '/auth/me')

test('another administrator is known by a token of its own, and what it does by its name', async () => {
  const host = await openTestHost()
  const token = await added(host, 'bob')
  expect((await me(host, token)).body).toEqual({ name: 'bob', traits: ['admin'] })
  expect((await me(host, host.token)).body).toEqual({ name: 'administrator', traits: ['admin'] })
  expect((await host.as(token, 'GET', '/admin/users')).body).toEqual({
    users: [{ name: 'administrator' }, { name: 'bob' }],
  })
  await host.as(token, 'POST', '/admin/users', { name: 'carol' })
  expect(await host.audit({ action: 'administrator.add' })).toMatchObject([
    { actor: 'admin:bob', target: 'carol', decision: 'allow' },
    { actor: 'admin:administrator', target: 'bob', decision: 'allow' },
  ])
  expect(JSON.stringify(await host.audit({}))).not.toContain(token)
})

test('there are no two of one name', async () => {
  const host = await openTestHost()
  const token = await added(host, 'bob')
  for (const name of ['bob', 'administrator'])
    await host.refused(await host.admin('POST', '/admin/users', { name }), 409, 'USER_EXISTS')
  expect((await me(host, token)).status).toBe(200)
  for (const name of ['Bob', '', 'a:b', 'x'.repeat(65)])
    expect((await host.admin('POST', '/admin/users', { name })).body['code']).toBe('HTTP_INVALID')
})

test('who is removed opens nothing any more, by token or by session', async () => {
  const host = await openTestHost()
  const token = await added(host, 'bob')
  const opened = await host.ask('POST', '/auth/session', { body: { token } })
  const cookie = opened.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  const bySession = () => host.ask('GET', '/auth/me', { headers: { cookie } })
  expect((await bySession()).body).toEqual({ name: 'bob', traits: ['admin'] })
  expect((await host.admin('DELETE', '/admin/users/bob')).status).toBe(204)
  await host.refused(await me(host, token), 401, 'TOKEN_INVALID')
  await host.refused(await bySession(), 401, 'TOKEN_INVALID')
  await host.refused(await host.admin('DELETE', '/admin/users/bob'), 404, 'USER_UNKNOWN')
  const again = await added(host, 'bob')
  expect((await me(host, again)).status).toBe(200)
  await host.refused(await bySession(), 401, 'TOKEN_INVALID')
  await host.refused(await me(host, token), 401, 'TOKEN_INVALID')
})

test('whoever runs the host stays', async () => {
  const host = await openTestHost()
  await host.refused(await host.admin('DELETE', '/admin/users/administrator'), 404, 'USER_UNKNOWN')
  expect((await me(host, host.token)).status).toBe(200)
})
