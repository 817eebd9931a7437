import { digestJson, keyIdOf, publicKeyText, readPublicKey } from '@tenon/bundle'
import { digestFromHex, keyRevocation, limits, parseDigest, TenonError, type Digest } from '@tenon/contract'
import { closed, validatorOf } from '@tenon/contract/schema'
import { bytes, routesFor, type Face, type Route } from '@tenon/http'
import Type from 'typebox'
import { pageOf, readCursor } from './cursor.ts'
import { keyDocument, listingOf, pluginDocument, versionDocument } from './documents.ts'
import { publishVersion, type PublishPorts } from './publish.ts'
import { authenticate, createPublisherToken, type IsOperator, type RegistryPrincipal } from './publisher.ts'
import { revocationRoutes } from './revocations.ts'
import { refuseRevokedKey } from './revoked-key.ts'
import type { PluginQuery, PublisherKey, RegistryStore } from './store.ts'
import * as wire from './wire.ts'

const route = routesFor<RegistryPrincipal>()
const hex = Type.Object({ digest: Type.String({ pattern: '^[0-9a-f]{64}$' }) })
const plugin = Type.Object({ id: wire.pluginId })
const pluginPlaces = validatorOf(Type.Object({ rank: Type.Integer(), id: Type.String() }))
const keyPlaces = validatorOf(Type.Object({ keyId: Type.String(), publisher: Type.String() }))
const immutable = 'public, max-age=31536000, immutable'

/** The registry over HTTP. */
export const registryFace = (ports: PublishPorts & { isOperator: IsOperator }): Face<RegistryPrincipal> => ({
  title: 'Tenon registry',
  routes: [
    ...lists(ports),
    ...documents(ports),
    ...artifacts(ports),
    ...publishing(ports),
    ...keys(ports),
    ...revocationRoutes(ports),
    tokens(ports),
  ],
  principals: {
    publisher: [{ type: 'http', scheme: 'bearer', description: 'A publisher token' }],
    operator: [{ type: 'http', scheme: 'bearer', description: "The operator's token" }],
  },
  authenticate: (incoming) => authenticate(ports.store, ports.isOperator, incoming),
})

function lists({ store }: PublishPorts): Route<RegistryPrincipal>[] {
  const list = async (query: Omit<PluginQuery, 'after' | 'limit'>, page: { cursor?: string; limit?: number }) => {
    const limit = page.limit ?? limits.registryPageDefault
    const after = readCursor(page.cursor, pluginPlaces)
    const rows = await store.plugins({ ...query, after, limit: limit + 1 })
    const body = pageOf(
      rows,
      limit,
      ({ listing }) => listingOf(listing),
      ({ rank, listing }) => ({ rank, id: listing.spec.id }),
    )
    return { status: 200, body, etag: digestJson(body) } as const
  }
  return [
    route({
      method: 'GET',
      path: '/plugins',
      summary: 'Every plugin, by id',
      admits: 'open',
      query: closed(wire.pageQuery),
      answers: { 200: wire.pluginPageSchema },
    }).handle(({ query }) => list({ words: [] }, query)),
    route({
      method: 'GET',
      path: '/search',
      summary: 'Plugins whose id, name, keywords or description hold every word; the exact id first',
      admits: 'open',
      query: closed({
        ...wire.pageQuery,
        q: Type.Optional(Type.String({ maxLength: 256 })),
        capability: Type.Optional(Type.String({ maxLength: 512 })),
        maintainer: Type.Optional(Type.String({ maxLength: 128 })),
      }),
      answers: { 200: wire.pluginPageSchema },
    }).handle(({ query: { q = '', capability, maintainer, ...page } }) => {
      const words = q.split(/\s+/).filter((word) => word !== '')
      return list({ words, exactId: q.trim().toLowerCase(), capability, maintainer }, page)
    }),
  ]
}

function documents({ store }: PublishPorts): Route<RegistryPrincipal>[] {
  return [
    route({
      method: 'GET',
      path: '/plugins/{id}',
      summary: 'A plugin with all of its releases',
      admits: 'open',
      params: plugin,
      answers: { 200: wire.pluginSchema },
    }).handle(async ({ params: { id } }) => {
      const found = await store.plugin(id)
      if (found === undefined) throw pluginUnknown(id)
      const body = pluginDocument(found)
      return { status: 200, body, etag: digestJson(body) }
    }),
    route({
      method: 'GET',
      path: '/plugins/{id}/versions/{version}',
      summary: 'One version, with its spec',
      admits: 'open',
      params: Type.Object({ id: wire.pluginId, version: Type.String({ maxLength: 256 }) }),
      answers: { 200: wire.versionSchema },
    }).handle(async ({ params: { id, version } }) => {
      const found = await store.version(id, version)
      if (found === undefined) {
        if ((await store.plugin(id)) === undefined) throw pluginUnknown(id)
        throw new TenonError('VERSION_UNKNOWN', `${id} has no version ${version}`)
      }
      const body = versionDocument(found)
      return { status: 200, body, etag: digestJson(body) }
    }),
  ]
}

const pluginUnknown = (id: string): TenonError =>
  new TenonError('PLUGIN_UNKNOWN', `there is no plugin "${id}"`, { hint: 'Find it with "tenon plugin search".' })

function artifacts({ store, blobs }: PublishPorts): Route<RegistryPrincipal>[] {
  return [
    route({
      method: 'GET',
      path: '/artifacts/sha256/{digest}',
      summary: 'The archive of a published version',
      admits: 'open',
      params: hex,
      answers: { 200: bytes('application/gzip') },
    }).handle(async ({ params }) => {
      const digest = digestFromHex(params.digest)
      // Only what is published is served: an upload alone makes the registry nobody's file host.
      const size = await store.artifactSize(digest)
      const body = size === undefined ? undefined : await blobs.get(digest)
      if (body === undefined)
        throw new TenonError('ARTIFACT_UNKNOWN', `no published version has the artifact ${digest}`)
      return { status: 200, body, etag: digest, headers: { 'cache-control': immutable, 'content-length': size } }
    }),
    route({
      method: 'PUT',
      path: '/artifacts/sha256/{digest}',
      summary: 'Uploads an archive that has this digest',
      admits: ['publisher'],
      params: hex,
      body: bytes('application/gzip', limits.uploadBytes),
      answers: { 201: wire.artifactSchema },
    }).handle(async ({ params, body }) => {
      const digest = digestFromHex(params.digest)
      const { size } = await blobs.put(digest, body)
      return { status: 201, body: { digest, size } }
    }),
  ]
}

function publishing(ports: PublishPorts): Route<RegistryPrincipal>[] {
  return [
    route({
      method: 'POST',
      path: '/plugins/{id}/versions',
      summary: 'Publishes an uploaded archive; the same one again changes nothing',
      admits: ['publisher'],
      params: plugin,
      body: wire.newVersionSchema,
      answers: { 200: wire.versionSchema, 201: wire.versionSchema },
    }).handle(async ({ params: { id }, body, principal, traceId }) => {
      const request = { id, digest: parseDigest(body.digest), envelope: body.envelope, traceId }
      const { isNew, stored } = await publishVersion(ports, { ...request, publisher: principal.publisher })
      return { status: isNew ? 201 : 200, body: versionDocument(stored) }
    }),
  ]
}

function keys({ store, world }: PublishPorts): Route<RegistryPrincipal>[] {
  return [
    route({
      method: 'GET',
      path: '/keys',
      summary: 'The public keys that sign for publishers',
      admits: 'open',
      query: closed(wire.pageQuery),
      answers: { 200: wire.keyPageSchema },
    }).handle(async ({ query: { cursor, limit = limits.registryPageDefault } }) => {
      const after = readCursor(cursor, keyPlaces)
      const rows = await store.keys({ after, limit: limit + 1 })
      const body = pageOf(rows, limit, keyDocument, ({ keyId, publisher }) => ({ keyId, publisher }))
      return { status: 200, body, etag: digestJson(body) }
    }),
    route({
      method: 'GET',
      path: '/keys/{keyId}',
      summary: 'One public key, and the publishers it signs for',
      admits: 'open',
      params: Type.Object({ keyId: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }) }),
      answers: { 200: wire.knownKeySchema },
    }).handle(async ({ params }) => {
      const entries = await store.key(params.keyId as Digest)
      const [first] = entries
      if (first === undefined) throw new TenonError('KEY_UNKNOWN', `no publisher has brought the key ${params.keyId}`)
      const { keyId, publicKey } = first
      return { status: 200, body: { keyId, publicKey, publishers: await goodFor(store, entries) } }
    }),
    route({
      method: 'POST',
      path: '/keys',
      summary: "Adds a public key to those that sign for the token's publisher",
      admits: ['publisher'],
      body: wire.newKeySchema,
      answers: { 201: wire.keySchema },
    }).handle(async ({ body, principal }) => {
      const key = readPublicKey(body.publicKey)
      refuseRevokedKey(await store.revocations(), keyIdOf(key), principal.publisher)
      const added = { keyId: keyIdOf(key), publisher: principal.publisher, publicKey: publicKeyText(key) }
      return { status: 201, body: keyDocument(await store.addKey({ ...added, addedAt: world.now() })) }
    }),
  ]
}

/** The publishers for whom a key was not revoked. */
async function goodFor(store: RegistryStore, entries: readonly PublisherKey[]): Promise<string[]> {
  const revocations = await store.revocations()
  return entries.flatMap(({ keyId, publisher }) =>
    keyRevocation(revocations, keyId, publisher) === undefined ? [publisher] : [],
  )
}

const tokens = ({ store, audit, world }: PublishPorts): Route<RegistryPrincipal> =>
  route({
    method: 'POST',
    path: '/publishers/{publisher}/tokens',
    summary: 'Makes a token for a publisher; it is told in this answer and never again',
    admits: ['operator'],
    params: Type.Object({ publisher: wire.pluginId }),
    answers: { 201: closed({ publisher: Type.String(), token: Type.String() }) },
  }).handle(async ({ params: { publisher }, traceId }) => {
    const entry = { actor: 'operator', action: 'registry.token', target: publisher, traceId }
    await audit.record({ ...entry, decision: 'allow', reason: 'made' })
    return { status: 201, body: { publisher, token: await createPublisherToken(store, world, publisher) } }
  })
