import { join } from 'node:path'
import { digestJson, writeAside, type Generation } from '@tenon/bundle'
import {
  capabilityFault,
  decodeUtf8,
  parseCapability,
  prettyJson,
  TenonError,
  type Capability,
  type Digest,
  type Disk,
  type WorkspaceDocument,
} from '@tenon/contract'
import { closed, readAs, validatorOf } from '@tenon/contract/schema'
import Type, { type Static } from 'typebox'

const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })

/** `trust.json` of this machine: which grants and registries were accepted here, and for which signer of each plugin. */
const trustSchema = closed({
  version: Type.Literal(1),
  accepted: Type.Record(digest, closed({ signers: Type.Record(Type.String(), digest) })),
})

export type Trust = Static<typeof trustSchema>

const trusts = validatorOf(trustSchema)

export async function readTrust(disk: Disk, home: string): Promise<Trust> {
  const path = join(home, 'trust.json')
  const bytes = await disk.read(path)
  if (bytes === undefined) return { version: 1, accepted: {} }
  const { value, problems } = readAs(decodeUtf8(bytes, path), trusts)
  if (value === undefined)
    throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, {
      problems,
      hint: 'Delete it and accept again what you trust.',
    })
  return value
}

/** The digest of what needs acceptance in a `tenon.json`; undefined when it asks for nothing. */
export function trustDigest({ grants = {}, registries = [] }: WorkspaceDocument): Digest | undefined {
  if (Object.keys(grants).length === 0 && registries.length === 0) return undefined
  return digestJson({ grants, registries })
}

/** Accepts on this machine what a `tenon.json` grants, to the plugins as they are signed now. */
export async function acceptGrants(
  disk: Disk,
  home: string,
  document: WorkspaceDocument,
  generation: Generation,
): Promise<void> {
  const accepted = trustDigest(document)
  if (accepted === undefined) return
  refuseMalformed(document)
  const trust = await readTrust(disk, home)
  const signers = Object.fromEntries(Object.entries(generation.plugins).map(([id, { signer }]) => [id, signer]))
  await disk.makeFolder(home, 0o700)
  const text = prettyJson({ ...trust, accepted: { ...trust.accepted, [accepted]: { signers } } })
  await writeAside(disk, join(home, 'trust.json'), text, 0o600)
}

function refuseMalformed({ grants = {} }: WorkspaceDocument): void {
  const problems = Object.entries(grants).flatMap(([id, capabilities]) =>
    capabilities.flatMap((capability, index) => {
      const fault = capabilityFault(capability)
      return fault === undefined
        ? []
        : [{ pointer: `/grants/${id}/${index}`, code: 'CAPABILITY_INVALID', message: `"${capability}": ${fault}` }]
    }),
  )
  if (problems.length > 0)
    throw new TenonError('CONFIG_INVALID', 'tenon.json grants what is no capability', { problems })
}

/** What a plugin is granted: nothing until accepted here, and nothing for another signer than the one accepted. */
export function grantsFor(id: string, document: WorkspaceDocument, trust: Trust, generation: Generation): Capability[] {
  const key = trustDigest(document)
  const accepted = key === undefined ? undefined : trust.accepted[key]
  if (accepted === undefined || accepted.signers[id] !== generation.plugins[id]?.signer) return []
  return (document.grants?.[id] ?? []).filter((text) => capabilityFault(text) === undefined).map(parseCapability)
}
