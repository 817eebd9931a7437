import Type from 'typebox'
import { ID_PATTERN } from '@tenon/contract'
import { closed } from '@tenon/contract/schema'
import { noContent, routesFor, type Route } from '@tenon/http'
import type { Host } from '../host.ts'
import { actorOf, type HostPrincipal } from '../principal.ts'

const route = routesFor<HostPrincipal>()
const name = Type.String({ pattern: ID_PATTERN, maxLength: 64 })

/** Who administers a host: the one who runs it, and others by tokens of their own. */
export const userRoutes = ({ administrator }: Host): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/admin/users',
    summary: 'The administrators of this host',
    admits: ['admin'],
    answers: { 200: closed({ users: Type.Array(closed({ name: Type.String() })) }) },
  }).handle(() => ({ status: 200, body: { users: administrator.names().map((one) => ({ name: one })) } })),
  route({
    method: 'POST',
    path: '/admin/users',
    summary: 'Makes another administrator, whose token is told in this answer and never again',
    admits: ['admin'],
    body: closed({ name }),
    answers: { 201: closed({ name: Type.String(), token: Type.String() }) },
  }).handle(async ({ body, principal, traceId }) => {
    const token = await administrator.add(body.name, { actor: actorOf(principal), traceId })
    return { status: 201, body: { name: body.name, token } }
  }),
  route({
    method: 'DELETE',
    path: '/admin/users/{name}',
    summary: 'Takes an administrator out: its token and sessions open nothing any more',
    admits: ['admin'],
    params: Type.Object({ name }),
    answers: { 204: noContent },
  }).handle(async ({ params, principal, traceId }) => {
    await administrator.remove(params.name, { actor: actorOf(principal), traceId })
    return { status: 204 }
  }),
]
