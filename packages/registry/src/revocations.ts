import { digestJson } from '@tenon/bundle'
import { asTenonError, TenonError, type Digest, type Revocation } from '@tenon/contract'
import { revocationSchema } from '@tenon/contract/schema'
import { routesFor, type Route } from '@tenon/http'
import Type from 'typebox'
import type { PublishPorts } from './publish.ts'
import type { RegistryPrincipal } from './publisher.ts'
import * as wire from './wire.ts'

const route = routesFor<RegistryPrincipal>()

/** What is no longer to be used: revoked by who owns it or runs the registry, told to everybody, and never taken back. */
export const revocationRoutes = (ports: PublishPorts): Route<RegistryPrincipal>[] => [
  route({
    method: 'GET',
    path: '/revocations',
    summary: 'Every key and bundle that was ever revoked, the oldest first',
    admits: 'open',
    answers: { 200: wire.revocationsSchema },
  }).handle(async () => {
    const body = { revocations: await ports.store.revocations() }
    return { status: 200, body, etag: digestJson(body), headers: { 'cache-control': 'no-cache' } }
  }),
  route({
    method: 'POST',
    path: '/keys/{keyId}/revoke',
    summary: "Revokes a key of the token's publisher; as the operator, for every publisher",
    admits: ['publisher', 'operator'],
    params: Type.Object({ keyId: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }) }),
    body: wire.whySchema,
    answers: { 200: revocationSchema },
  }).handle(async ({ params, body, principal, traceId }) => {
    const find = () => keyToRevoke(ports, params.keyId as Digest, principal)
    return { status: 200, body: await revoked(ports, { principal, traceId, target: params.keyId, ...body }, find) }
  }),
  route({
    method: 'POST',
    path: '/plugins/{id}/versions/{version}/revoke',
    summary: 'Revokes the bundle of a version: it is no longer offered, and ends where it runs',
    admits: ['publisher', 'operator'],
    params: Type.Object({ id: wire.pluginId, version: Type.String({ maxLength: 256 }) }),
    body: wire.whySchema,
    answers: { 200: revocationSchema },
  }).handle(async ({ params: { id, version }, body, principal, traceId }) => {
    const find = () => bundleToRevoke(ports, id, version, principal)
    return {
      status: 200,
      body: await revoked(ports, { principal, traceId, target: `${id}@${version}`, ...body }, find),
    }
  }),
]

type Wish = { principal: RegistryPrincipal; target: string; why: string; traceId: string }

/** Whatever the outcome, it is an audit entry. */
async function revoked(
  { store, audit, world }: PublishPorts,
  { principal, target, why, traceId }: Wish,
  find: () => Promise<Omit<Revocation, 'why' | 'at'>>,
): Promise<Revocation> {
  const actor = principal.kind === 'operator' ? 'operator' : `publisher:${principal.publisher}`
  const entry = { actor, action: 'registry.revoke', target, traceId }
  try {
    const found = await find()
    await audit.record({ ...entry, decision: 'allow', reason: why, details: found })
    return await store.revoke({ ...found, why, at: new Date(world.now()).toISOString() })
  } catch (thrown) {
    await audit.record({ ...entry, decision: 'deny', reason: asTenonError(thrown).code })
    throw thrown
  }
}

async function keyToRevoke({ store }: PublishPorts, keyId: Digest, principal: RegistryPrincipal) {
  const mine = (await store.key(keyId)).filter(
    ({ publisher }) => principal.kind === 'operator' || principal.publisher === publisher,
  )
  if (mine.length === 0)
    throw new TenonError('KEY_UNKNOWN', `the key ${keyId} is none of yours here`, { hint: 'GET /keys lists them.' })
  return {
    kind: 'key' as const,
    digest: keyId,
    ...(principal.kind === 'operator' ? {} : { publisher: principal.publisher }),
  }
}

async function bundleToRevoke({ store }: PublishPorts, id: string, version: string, principal: RegistryPrincipal) {
  const found = await store.version(id, version)
  if (found === undefined) throw new TenonError('VERSION_UNKNOWN', `there is no version ${version} of "${id}"`)
  const { publisher, manifestDigest } = found
  if (principal.kind === 'publisher' && principal.publisher !== publisher)
    throw new TenonError(
      'PERMISSION_DENIED',
      `${id}@${version} is ${publisher}'s, and the token ${principal.publisher}'s`,
    )
  return { kind: 'bundle' as const, digest: manifestDigest, publisher }
}
