import { nodeDisk, readPublicKey, keyIdOf } from '@tenon/bundle'
import { keyRevocation, ownValue, TenonError, type Revocation } from '@tenon/contract'
import { recordingRefusal, type By } from '@tenon/host'
import {
  BY_OPERATOR,
  readHeard,
  readRevocations,
  readTrustedKeys,
  readWorkspace,
  revokeHere,
  trustKey,
} from '@tenon/installer'
import { machineOf } from './locations.ts'
import type { WorkspacePorts } from './workspace-ports.ts'

export type TrustedKeyView = { keyId: string; publisher: string; source: string; revoked: boolean }

/** The keys that are trusted on this machine, for whom and on whose word. */
export async function trustedKeys({ locations: { home } }: WorkspacePorts): Promise<TrustedKeyView[]> {
  const revocations = await readRevocations(nodeDisk, home)
  return (await readTrustedKeys(nodeDisk, home)).map(({ keyId, publisher, source }) => ({
    ...{ keyId, publisher, source },
    revoked: keyRevocation(revocations, keyId, publisher) !== undefined,
  }))
}

/** Lets a key sign for a publisher on this machine, by the word of its operator. */
export async function trust(
  ports: WorkspacePorts,
  { publicKey, publisher }: { publicKey: string; publisher: string },
  by: By,
): Promise<TrustedKeyView> {
  const { host, locations } = ports
  const key = readPublicKey(publicKey)
  const attempt = { ...by, action: 'key.trust', target: keyIdOf(key) }
  return recordingRefusal(
    host.audit,
    () => attempt,
    async () => {
      const revocation = keyRevocation(await readRevocations(nodeDisk, locations.home), attempt.target, publisher)
      if (revocation !== undefined)
        throw new TenonError('KEY_REVOKED', `${attempt.target} was revoked at ${revocation.at}: ${revocation.why}`)
      await host.audit.record({ ...attempt, decision: 'allow', reason: `for ${publisher}` })
      const { keyId, source } = await trustKey(nodeDisk, machineOf(ports), { key, publisher, source: BY_OPERATOR })
      return { keyId, publisher, source, revoked: false }
    },
  )
}

/** Revokes on this machine and ends what runs by it. */
async function revoke(
  ports: WorkspacePorts,
  revocation: Revocation,
  attempt: By & { action: string; target: string },
): Promise<Revocation> {
  const { host } = ports
  const { why, digest } = revocation
  await host.audit.record({ ...attempt, decision: 'allow', reason: why, details: { digest } })
  const revoked = await revokeHere(nodeDisk, machineOf(ports), revocation)
  await host.admissions.reconsider()
  return revoked
}

/** A key signs nothing more here, for whichever publisher, and nothing that it ever signed starts. */
export const revokeKey = (ports: WorkspacePorts, keyId: string, why: string, by: By): Promise<Revocation> =>
  revoke(ports, { kind: 'key', digest: keyId, why, at: timeOf(ports) }, { ...by, action: 'key.revoke', target: keyId })

/** The bundle of an installed plugin is used no more, wherever on this machine it is installed. */
export function revokeInstalled(
  ports: WorkspacePorts,
  id: string,
  { why, version }: { why: string; version?: string },
  by: By,
): Promise<Revocation> {
  const attempt = { ...by, action: 'bundle.revoke', target: id }
  return recordingRefusal(
    ports.host.audit,
    () => attempt,
    async () => {
      const { generation } = await readWorkspace(nodeDisk, ports.locations.workspace)
      const entry = ownValue(generation.plugins, id)
      if (entry === undefined) throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
      if (version !== undefined && version !== entry.version)
        throw new TenonError('VERSION_UNKNOWN', `of "${id}" ${entry.version} is installed, not ${version}`)
      const { manifestDigest, publisher } = entry
      const owner = publisher === undefined ? {} : { publisher }
      return revoke(ports, { kind: 'bundle', digest: manifestDigest, ...owner, why, at: timeOf(ports) }, attempt)
    },
  )
}

const timeOf = ({ world }: WorkspacePorts): string => new Date(world.now()).toISOString()

export type KnownRevocations = {
  here: Revocation[]
  heard: { registry: string; askedAt: string; revocations: Revocation[] }[]
}

/** What was revoked on this machine, and what the registries of the installed plugins were heard to have revoked. */
export async function knownRevocations({ locations }: WorkspacePorts): Promise<KnownRevocations> {
  const { generation } = await readWorkspace(nodeDisk, locations.workspace)
  const registries = new Set(Object.values(generation.plugins).flatMap(({ registry }) => registry ?? []))
  const heard = await Promise.all([...registries].map((url) => readHeard(nodeDisk, locations.home, url)))
  return {
    here: await readRevocations(nodeDisk, locations.home),
    heard: heard
      .filter((one) => one !== undefined)
      .map(({ registry, askedAt, revocations }) => ({
        registry,
        askedAt: new Date(askedAt).toISOString(),
        revocations,
      })),
  }
}

/** Asks those registries now, however lately that was done, and ends what may not run any more. */
export async function askRegistries(ports: WorkspacePorts): Promise<KnownRevocations> {
  const { watch, locations, host } = ports
  const { generation } = await readWorkspace(nodeDisk, locations.workspace)
  watch.forget()
  for (const registry of new Set(Object.values(generation.plugins).map((entry) => entry.registry)))
    await watch.known(registry)
  await host.admissions.reconsider()
  return knownRevocations(ports)
}
