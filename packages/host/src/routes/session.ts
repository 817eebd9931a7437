import Type from 'typebox'
import { limits } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { noContent, routesFor, type Route } from '@tenon/http'
import { recordingRefusal } from '../audited.ts'
import { SESSION_COOKIE, sessionOf } from '../bearer.ts'
import type { Host } from '../host.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'

const route = routesFor<HostPrincipal>()
const who = closed({ name: Type.String(), traits: Type.Array(Type.String()) })
const cookie = (value: string, maxAgeSeconds: number): string =>
  `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`

/** Signing in and out of the console. */
export const sessionRoutes = (host: Host): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/auth/session',
    summary: 'Opens a session with the token of an administrator',
    admits: 'open',
    body: closed({ token: Type.String({ minLength: 1, maxLength: 512 }) }),
    answers: { 200: who },
  }).handle(async ({ body, traceId }) => {
    const opened = await opening(host, body.token, traceId)
    const { name, traits } = opened.principal
    const headers = { 'set-cookie': cookie(opened.session, Math.floor(limits.sessionLifetimeMs / 1000)) }
    return { status: 200, body: { name, traits: [...traits] }, headers }
  }),
  route({
    method: 'GET',
    path: '/auth/me',
    summary: 'Says who is signed in',
    admits: ['admin'],
    answers: { 200: who },
  }).handle(({ principal }) => ({ status: 200, body: { name: principal.name, traits: [...principal.traits] } })),
  route({
    method: 'DELETE',
    path: '/auth/session',
    summary: 'Closes the session',
    admits: ['admin'],
    answers: { 204: noContent },
  }).handle(async ({ headers, principal, traceId }) => {
    const session = sessionOf(headers)
    if (session !== undefined) host.administrator.closeSession(session)
    await host.audit.record({
      ...SIGNING,
      actor: actorOf(principal),
      traceId,
      decision: 'allow',
      reason: 'signed out',
    })
    return { status: 204, headers: { 'set-cookie': cookie('', 0) } }
  }),
]

const SIGNING = { action: 'auth.session', target: 'administrator' }

const opening = (host: Host, token: string, traceId: string) =>
  recordingRefusal(
    host.audit,
    () => ({ ...SIGNING, actor: 'unknown', traceId }),
    async () => {
      const opened = host.administrator.openSession(token)
      const actor = actorOf(opened.principal)
      await host.audit.record({ ...SIGNING, actor, traceId, decision: 'allow', reason: 'signed in' })
      return opened
    },
  )
