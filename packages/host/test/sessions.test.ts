import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { simulatedWorld } from '@tenon/testkit'
import type { Answered } from './ask.ts'
import { openTestHost, type TestHost } from './open-test-host.ts'

const signIn = (host: TestHost, token = host.token) => host.ask('POST', '/auth/session', { body: { token } })
const cookieOf = (answer: Answered): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? ''

test('the administrator token opens a session whose cookie scripts and other sites cannot use', async () => {
  const host = await openTestHost()
  const answer = await signIn(host)
  expect([answer.status, answer.body]).toEqual([200, { name: 'administrator', traits: ['admin'] }])
  const [cookie = ''] = answer.headers['set-cookie'] ?? []
  expect(cookie.split('; ').toSorted()).toEqual(
    [
      expect.stringMatching(/^tenon_session=[\w-]{43}$/),
      'Path=/',
      'HttpOnly',
      'SameSite=Strict',
      `Max-Age=${limits.sessionLifetimeMs / 1000}`,
    ].toSorted(),
  )
  expect(cookie).not.toContain(host.token)
  for (const header of [cookieOf(answer), `other=1; ${cookieOf(answer)}; more=2`]) {
    const me = await host.ask('GET', '/auth/me', { headers: { cookie: header } })
    expect(me.body).toEqual({ name: 'administrator', traits: ['admin'] })
  }
  expect((await host.ask('GET', '/plugins', { headers: { cookie: cookieOf(answer) } })).status).toBe(200)
  expect(await host.audit({ action: 'auth.session' })).toMatchObject([
    { actor: 'admin:administrator', decision: 'allow', reason: 'signed in' },
  ])
})

test('a wrong token opens nothing, and that is recorded without it', async () => {
  const host = await openTestHost()
  for (const token of ['wrong', `${host.token}x`, host.token.slice(1)]) {
    const answer = await signIn(host, token)
    expect(await host.refused(answer, 401, 'TOKEN_INVALID')).toMatchObject({ action: 'auth.session' })
    expect(answer.headers).not.toHaveProperty('set-cookie')
  }
  const plugin = await host.register({
    id: 'a',
    name: 'a',
    version: '1.0.0',
    contracts: ['APlugin'],
    traits: ['t'],
    security: { authentication_required: true, data_classification: ['public'] },
  })
  await host.refused(await signIn(host, plugin), 401, 'TOKEN_INVALID')
  expect(JSON.stringify(await host.audit({}))).not.toContain('wrong')
})

test('a session ends with its lifetime', async () => {
  const world = simulatedWorld(1)
  const host = await openTestHost({ world })
  const cookie = cookieOf(await signIn(host))
  const me = () => host.ask('GET', '/auth/me', { headers: { cookie } })
  await world.advance(limits.sessionLifetimeMs - 1)
  const second = cookieOf(await signIn(host))
  expect((await me()).status).toBe(200)
  await world.advance(1)
  await host.refused(await me(), 401, 'TOKEN_INVALID')
  await signIn(host)
  expect((await host.ask('GET', '/auth/me', { headers: { cookie: second } })).status).toBe(200)
})

test('signing out ends the session at once, and that is recorded', async () => {
  const host = await openTestHost()
  const cookie = cookieOf(await signIn(host))
  const answer = await host.ask('DELETE', '/auth/session', { headers: { cookie } })
  expect([answer.status, answer.headers['set-cookie']]).toEqual([
    204,
    ['tenon_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0'],
  ])
  await host.refused(await host.ask('GET', '/auth/me', { headers: { cookie } }), 401, 'TOKEN_INVALID')
  expect((await host.audit({ action: 'auth.session' }))[0]).toMatchObject({ reason: 'signed out' })
  expect((await host.admin('DELETE', '/auth/session')).status).toBe(204)
})

test('a request that shows a bad token is refused, whatever session it has', async () => {
  const host = await openTestHost()
  const cookie = cookieOf(await signIn(host))
  const headers = { cookie, authorization: 'Bearer nonsense' }
  await host.refused(await host.ask('GET', '/plugins', { headers }), 401, 'TOKEN_INVALID')
})

test('another site’s page opens no session and uses none', async () => {
  const host = await openTestHost()
  const cookie = cookieOf(await signIn(host))
  const foreign = { origin: 'https://evil.example' }
  expect((await host.ask('GET', '/plugins', { headers: { ...foreign, cookie } })).body['code']).toBe(
    'HTTP_ORIGIN_REFUSED',
  )
  const form = { ...foreign, 'content-type': 'text/plain' }
  expect(
    (await host.ask('POST', '/auth/session', { headers: form, raw: JSON.stringify({ token: host.token }) })).status,
  ).toBe(403)
})

test('the administrator token is made once and told once; a lent one is good as long as the process', async () => {
  const host = await openTestHost()
  expect(await host.host.administrator.makeToken()).toBeUndefined()
  const made = { action: 'administrator.token', reason: 'made' }
  expect(await host.audit({ action: 'administrator.token' })).toEqual([expect.objectContaining(made)])
  const lent = host.host.administrator.lendToken()
  expect((await host.as(lent, 'GET', '/plugins')).status).toBe(200)
  const folder = host.database.path.replace(/\/host\.db$/, '')
  await host.close()
  const next = await openTestHost({ folder })
  await next.refused(await next.as(lent, 'GET', '/plugins'), 401, 'TOKEN_INVALID')
})
