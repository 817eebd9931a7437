import type { KeyObject } from 'node:crypto'
import { digestBytes, readPublicKey } from '@tenon/bundle'
import {
  decodeUtf8,
  digestHex,
  isErrorCode,
  limits,
  parseDigest,
  parseJson,
  TenonError,
  type Digest,
  type Envelope,
  type Revocation,
} from '@tenon/contract'
import { problemSchema, validatorOf, type Validator } from '@tenon/contract/schema'
import { releaseOf, type Release } from '@tenon/resolver'
import { validators, type KeyDocument, type PluginDocument, type PluginPage, type VersionDocument } from './wire.ts'

export type {
  KeyDocument,
  PluginDocument,
  PluginListing,
  PluginPage,
  ReleaseDocument,
  VersionDocument,
} from './wire.ts'

/** A release as the resolver and an installation need it. */
export type RegistryRelease = Release & {
  digest: Digest
  manifestDigest: Digest
  publisher: string
  envelope: Envelope
}

export type PageRequest = { cursor?: string; limit?: number }
export type SearchRequest = PageRequest & { q?: string; capability?: string; maintainer?: string }

export type RegistryClient = {
  url: string
  /** Throws PLUGIN_UNKNOWN. */
  plugin(id: string): Promise<PluginDocument>
  version(id: string, version: string): Promise<VersionDocument>
  /** Every release of a plugin, what was revoked as yanked; none when there is no such plugin. */
  releases(id: string): Promise<RegistryRelease[]>
  plugins(request?: PageRequest): Promise<PluginPage>
  search(request: SearchRequest): Promise<PluginPage>
  /** The bytes of an artifact, at most `limits.uploadBytes`. Whoever takes them checks their digest. */
  artifact(digest: Digest): Promise<AsyncIterable<Uint8Array>>
  /** A public key and the publishers it signs for, or undefined when the registry does not know it. */
  key(keyId: Digest): Promise<{ publicKey: KeyObject; publishers: readonly string[] } | undefined>
  /** All that was ever revoked, with the entity tag of that; undefined when it is still what the given tag stands for. */
  revocations(etag?: string): Promise<{ revocations: Revocation[]; etag: string } | undefined>
  /** Revokes a key of the token's publisher, or as the operator everybody's. */
  revokeKey(keyId: Digest, why: string): Promise<Revocation>
  revokeVersion(id: string, version: string, why: string): Promise<Revocation>
  /** Adds a public key, in PEM form, to the token's publisher. */
  addKey(publicKey: string): Promise<KeyDocument>
  /** Uploads and publishes. Again with the same bytes it changes nothing. */
  publish(id: string, archive: Uint8Array, envelope: Envelope): Promise<VersionDocument>
}

export type RegistryClientOptions = {
  url: string
  /** A publisher token, sent with writes only. */
  token?: string
  fetch?: typeof globalThis.fetch
}

type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** A registry over HTTP. Its answers are checked like any foreign text. */
export function registryClient({ url, token, fetch = globalThis.fetch }: RegistryClientOptions): RegistryClient {
  const base = url.replace(/\/+$/, '')
  const ask: Ask = (path, init = {}) => answered(base, () => fetch(base + path, { ...init, redirect: 'error' }))
  const read = async <T>(path: string, validator: Validator<T>): Promise<T> => checked(base, await ask(path), validator)
  const write = async <T>(
    method: string,
    path: string,
    type: string,
    body: Uint8Array | string,
    validator: Validator<T>,
  ) => checked(base, await ask(path, { method, body, headers: writeHeaders(type, token) }), validator)
  const revoke = (path: string, why: string) =>
    write('POST', `${path}/revoke`, 'application/json', JSON.stringify({ why }), validators.revocation)
  const plugin = (id: string) => read(`/plugins/${encodeURIComponent(id)}`, validators.plugin)
  return {
    url: base,
    plugin,
    version: (id, version) =>
      read(`/plugins/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}`, validators.version),
    releases: async (id) => ((await unless('PLUGIN_UNKNOWN', plugin(id)))?.releases ?? []).map(releaseFrom),
    plugins: (request = {}) => read(`/plugins${queryOf(request)}`, validators.page),
    search: (request) => read(`/search${queryOf(request)}`, validators.page),
    artifact: async (digest) => bodyOf(base, await ask(`/artifacts/sha256/${digestHex(digest)}`), limits.uploadBytes),
    key: async (keyId) => {
      const known = await unless('KEY_UNKNOWN', read(`/keys/${encodeURIComponent(keyId)}`, validators.knownKey))
      return known && { publicKey: readPublicKey(known.publicKey), publishers: known.publishers }
    },
    revocations: async (known) => {
      const headers = known === undefined ? {} : { 'if-none-match': `"${known}"` }
      const response = await ask('/revocations', { headers })
      if (response.status === 304) return undefined
      const etag = response.headers.get('etag')?.replace(/^(W\/)?"(.*)"$/, '$2') ?? ''
      return { ...(await checked(base, response, validators.revocations)), etag }
    },
    revokeKey: (keyId, why) => revoke(`/keys/${encodeURIComponent(keyId)}`, why),
    revokeVersion: (id, version, why) =>
      revoke(`/plugins/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}`, why),
    addKey: (publicKey) => write('POST', '/keys', 'application/json', JSON.stringify({ publicKey }), validators.key),
    publish: async (id, archive, envelope) => {
      const digest = digestBytes(archive)
      await write('PUT', `/artifacts/sha256/${digestHex(digest)}`, 'application/gzip', archive, validators.artifact)
      const body = JSON.stringify({ digest, envelope })
      return write('POST', `/plugins/${encodeURIComponent(id)}/versions`, 'application/json', body, validators.version)
    },
  }
}

const writeHeaders = (type: string, token: string | undefined): Record<string, string> => ({
  'content-type': type,
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
})

function queryOf(request: Readonly<Record<string, string | number | undefined>>): string {
  const query = new URLSearchParams()
  for (const [key, value] of Object.entries(request)) if (value !== undefined) query.set(key, String(value))
  return query.size === 0 ? '' : `?${query.toString()}`
}

const releaseFrom = (release: PluginDocument['releases'][number]): RegistryRelease => ({
  ...releaseOf(release, release.yanked),
  publisher: release.publisher,
  digest: parseDigest(release.digest),
  manifestDigest: parseDigest(release.manifestDigest),
  envelope: release.envelope,
})

async function unless<T>(code: TenonError['code'], work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === code) return undefined
    throw thrown
  }
}

const problems = validatorOf(problemSchema)

/** An answer that is good, or the registry's own problem as an error of this process. */
async function answered(url: string, fetching: () => Promise<Response>): Promise<Response> {
  const response = await reaching(url, fetching)
  if (response.ok || response.status === 304) return response
  const text = await reaching(url, () => response.text())
  const problem = response.headers.get('content-type') === 'application/problem+json' ? parseJson(text, url) : undefined
  if (!problems.is(problem) || !isErrorCode(problem.code))
    throw new TenonError('REGISTRY_UNREACHABLE', `${url} answered ${response.status}, as no registry does`, {
      hint: 'Check the registry URL, and any proxy on the way.',
    })
  const { code, detail, hint, errors } = problem
  throw new TenonError(code, detail, { ...(hint === undefined ? {} : { hint }), problems: errors ?? [] })
}

async function checked<T>(url: string, response: Response, validator: Validator<T>): Promise<T> {
  const bytes = Buffer.concat(await Array.fromAsync(bodyOf(url, response, limits.registryAnswerBytes)))
  const what = `the answer of ${response.url}`
  const value: unknown = parseJson(decodeUtf8(bytes, what), what)
  if (validator.is(value)) return value
  throw new TenonError('REGISTRY_UNREACHABLE', `${what} is not what a registry answers`, {
    problems: validator.problems(value),
    hint: 'Check the registry URL.',
  })
}

async function* bodyOf(url: string, response: Response, limitBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.length
      if (size > limitBytes)
        throw new TenonError('ARCHIVE_INVALID', `${response.url} sends more than ${limitBytes} bytes`)
      yield chunk
    }
  } catch (cause) {
    throw unreachable(url, cause)
  }
}

/** A fault of the network, at the first byte or the last; what we threw ourselves stays as it is. */
const unreachable = (url: string, cause: unknown): TenonError =>
  cause instanceof TenonError
    ? cause
    : new TenonError('REGISTRY_UNREACHABLE', `${url} cannot be reached`, {
        hint: 'Check the URL and the network. What is installed keeps working.',
        cause,
      })

async function reaching<T>(url: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw unreachable(url, cause)
  }
}
