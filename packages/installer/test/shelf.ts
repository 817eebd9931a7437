import { join } from 'node:path'
import {
  digestBytes,
  digestJson,
  newSigningKey,
  nodeDisk,
  signStatement,
  writeArchive,
  type PluginFile,
  type SigningKey,
} from '@tenon/bundle'
import { digestHex, prettyJson, type Digest, type Disk, type Revocation, type Statement } from '@tenon/contract'
import {
  applyPlan,
  planInstall,
  readWorkspace,
  type Machine,
  type OfferedRelease,
  type PackageSource,
  type Places,
} from '@tenon/installer'
import { manifestOf, simulatedWorld } from '@tenon/testkit'
import { expect } from 'vitest'

type Gates = Statement['predicate']['gates']
export type Offer = { id: string; version: string; deps?: Record<string, string>; body?: string; gates?: Gates }
export type Shelf = PackageSource & { archives: Map<Digest, Uint8Array>; offers: Map<string, OfferedRelease[]> }

export const key = newSigningKey()
export const code = (name: string) => expect.objectContaining({ code: name })

/** The real disk, but nothing waits for the medium: a test's folder need not outlive a power cut. */
export const quickDisk: Disk = { ...nodeDisk, flush: async () => undefined }

async function pack({ id, version, deps = {}, body = 'export {}', gates = [] }: Offer, signer: SigningKey) {
  const spec = {
    specVersion: 1,
    id,
    publisher: 'acme',
    name: id,
    version,
    dependencies: deps,
    runtime: { kind: 'node', entry: 'a.ts' },
  } as const
  const files: PluginFile[] = [
    { path: 'plugin.spec.json', bytes: Buffer.from(prettyJson(spec)) },
    { path: 'a.ts', bytes: Buffer.from(body) },
  ]
  const manifest = manifestOf(spec, files)
  const archive = await writeArchive([...files, { path: 'manifest.json', bytes: Buffer.from(prettyJson(manifest)) }])
  const envelope = signStatement(
    {
      _type: 'https://in-toto.io/Statement/v1',
      predicateType: 'urn:tenon:certification:1',
      subject: [{ name: id, digest: { sha256: digestHex(digestJson(manifest)) } }],
      predicate: { plugin: id, version, gates },
    },
    signer,
  )
  return { archive, envelope, digest: digestBytes(archive) }
}

/** A registry as a shelf in memory, where all is published by acme. */
export async function shelf(offers: Offer[], signer = key): Promise<Shelf> {
  const source: Shelf = {
    url: 'http://127.0.0.1:1/registry',
    archives: new Map(),
    offers: new Map(),
    revocations: async () => ({ revocations: [], etag: 'none' }),
    releases: async (id) => source.offers.get(id) ?? [],
    artifact: async (digest) =>
      (async function* () {
        yield source.archives.get(digest) ?? new Uint8Array()
      })(),
    key: async (id) => (id === signer.id ? { publicKey: signer.publicKey, publishers: ['acme'] } : undefined),
  }
  for (const offer of offers) {
    const { archive, envelope, digest } = await pack(offer, signer)
    const deps = Object.entries(offer.deps ?? {}).map(([id, range]) => ({ id, range }))
    const release = {
      version: offer.version,
      publisher: 'acme',
      deps,
      optionalDeps: [],
      ifPresent: [],
      conflicts: [],
      engines: {},
      yanked: false,
      digest,
      envelope,
    }
    source.archives.set(digest, archive)
    source.offers.set(offer.id, [...(source.offers.get(offer.id) ?? []), release])
  }
  return source
}

const runtime = { tenon: '0.1.0' }

export const plan = async (folder: string, source: PackageSource, add: Record<string, string>, remove: string[] = []) =>
  planInstall(await readWorkspace(nodeDisk, folder), { source, add, remove, runtime })

export const install = async (
  folder: string,
  source: PackageSource,
  add: Record<string, string> = {},
  remove: string[] = [],
  revocations: Revocation[] = [],
) => applyPlan(quickDisk, placesOf(folder), await plan(folder, source, add, remove), { source, revocations })

/** A workspace in a folder, whose machine keeps what it trusts beside it. */
export const placesOf = (folder: string): Places => ({ folder, machine: machineOf(join(folder, 'home')) })

/** A machine whose user keeps everything in a folder. */
export const machineOf = (home: string): Machine => ({ home, newId: () => world.newId() })
const world = simulatedWorld(1)

export const installed = async (folder: string): Promise<Record<string, string>> => {
  const { generation } = await readWorkspace(nodeDisk, folder)
  return Object.fromEntries(Object.entries(generation.plugins).map(([id, { version }]) => [id, version]))
}
