import Type from 'typebox'
import { FOREIGN_ID_PATTERN, ID_PATTERN } from '@tenon/contract'
import { closed, revocationSchema } from '@tenon/contract/schema'
import { actorOf, type HostPrincipal } from '@tenon/host'
import { routesFor, type Route } from '@tenon/http'
import { askRegistries, knownRevocations, revokeInstalled, revokeKey, trust, trustedKeys } from '../trust.ts'
import type { WorkspacePorts } from '../workspace-ports.ts'

const route = routesFor<HostPrincipal>()
const text = Type.String()
const { why } = revocationSchema.properties
const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })
const publisher = Type.String({ pattern: ID_PATTERN, maxLength: 64 })
const key = closed({ keyId: text, publisher: text, source: text, revoked: Type.Boolean() })
const known = closed({
  here: Type.Array(revocationSchema),
  heard: Type.Array(closed({ registry: text, askedAt: text, revocations: Type.Array(revocationSchema) })),
})

/** Whose signature counts on this machine, and what no longer does. */
export const trustRoutes = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  ...keyRoutes(ports),
  ...revocationRoutes(ports),
]

const keyRoutes = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  route({
    method: 'GET',
    path: '/admin/keys',
    summary: 'The keys that may sign for publishers on this machine, and who said so',
    admits: ['admin'],
    answers: { 200: closed({ keys: Type.Array(key) }) },
  }).handle(async () => ({ status: 200, body: { keys: await trustedKeys(ports) } })),
  route({
    method: 'PUT',
    path: '/admin/keys',
    summary: 'Lets a public key sign for a publisher on this machine',
    admits: ['admin'],
    body: closed({ publisher, publicKey: Type.String({ minLength: 1, maxLength: 4096 }) }),
    answers: { 200: key },
  }).handle(async ({ body, principal, traceId }) => ({
    status: 200,
    body: await trust(ports, body, { actor: actorOf(principal), traceId }),
  })),
  route({
    method: 'POST',
    path: '/admin/keys/{keyId}/revoke',
    summary: 'Revokes a key on this machine, for ever, and ends what runs by its signature',
    admits: ['admin'],
    params: Type.Object({ keyId: digest }),
    body: closed({ why }),
    answers: { 200: revocationSchema },
  }).handle(async ({ params, body, principal, traceId }) => ({
    status: 200,
    body: await revokeKey(ports, params.keyId, body.why, { actor: actorOf(principal), traceId }),
  })),
]

const revocationRoutes = (ports: WorkspacePorts): Route<HostPrincipal>[] => [
  route({
    method: 'POST',
    path: '/admin/plugins/{id}/revoke',
    summary: 'Revokes the installed bundle of a plugin on this machine, for ever, and ends it',
    admits: ['admin'],
    params: Type.Object({ id: Type.String({ pattern: FOREIGN_ID_PATTERN }) }),
    body: closed({ why, version: Type.Optional(Type.String({ maxLength: 256 })) }),
    answers: { 200: revocationSchema },
  }).handle(async ({ params, body, principal, traceId }) => ({
    status: 200,
    body: await revokeInstalled(ports, params.id, body, { actor: actorOf(principal), traceId }),
  })),
  route({
    method: 'GET',
    path: '/admin/revocations',
    summary: 'What was revoked on this machine, and what the registries of installed plugins were heard to say',
    admits: ['admin'],
    answers: { 200: known },
  }).handle(async () => ({ status: 200, body: await knownRevocations(ports) })),
  route({
    method: 'POST',
    path: '/admin/revocations',
    summary: 'Asks those registries now, and ends what may not run any more',
    admits: ['admin'],
    answers: { 200: known },
  }).handle(async () => ({ status: 200, body: await askRegistries(ports) })),
]
