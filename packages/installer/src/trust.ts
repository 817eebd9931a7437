import { join } from 'node:path'
import { digestJson, writeAside, type Generation } from '@tenon/bundle'
import {
  capabilityFault,
  decodeUtf8,
  ownValue,
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
function trustDigest({ grants = {}, registries = [] }: WorkspaceDocument): Digest | undefined {
  if (Object.keys(grants).length === 0 && registries.length === 0) return undefined
  return digestJson({ grants, registries })
}

/**
 * Accepts on this machine grants that are made to plugins as they are signed now, and answers the `tenon.json` with
 * them. What was accepted before stays bound to the signers of then. What the document grants to others and nobody
 * accepted here is refused: whoever grants one thing has not said yes to what came with it.
 */
export async function acceptGrants(
  disk: Disk,
  home: string,
  document: WorkspaceDocument,
  grants: Record<string, string[]>,
  generation: Generation,
): Promise<WorkspaceDocument & { grants: Record<string, string[]> }> {
  refuseMalformed(grants)
  const once = Object.fromEntries(Object.entries(grants).map(([id, capabilities]) => [id, [...new Set(capabilities)]]))
  const trust = await readTrust(disk, home)
  const before = acceptanceOf(document, trust)
  if (before === undefined) refuseUnnamed(document, grants)
  const wanted = { ...document, grants: { ...document.grants, ...once } }
  const key = trustDigest(wanted)
  if (key === undefined) return wanted
  const signed = Object.keys(grants).flatMap((id): [string, string][] => {
    const signer = ownValue(generation.plugins, id)?.signer
    return signer === undefined ? [] : [[id, signer]]
  })
  const signers = { ...before?.signers, ...Object.fromEntries(signed) }
  await disk.makeFolder(home, 0o700)
  const text = prettyJson({ ...trust, accepted: { ...trust.accepted, [key]: { signers } } })
  await writeAside(disk, join(home, 'trust.json'), text, 0o600)
  return wanted
}

/** For whom a document's grants were accepted here; undefined when they were not. */
function acceptanceOf(
  document: WorkspaceDocument,
  { accepted }: Trust,
): { signers: Record<string, string> } | undefined {
  const key = trustDigest(document)
  return key === undefined ? { signers: {} } : accepted[key]
}

function refuseMalformed(grants: Record<string, string[]>): void {
  const problems = Object.entries(grants).flatMap(([id, capabilities]) =>
    capabilities.flatMap((capability, index) => {
      const fault = capabilityFault(capability)
      return fault === undefined
        ? []
        : [{ pointer: `/grants/${id}/${index}`, code: 'CAPABILITY_INVALID', message: `"${capability}": ${fault}` }]
    }),
  )
  if (problems.length > 0)
    throw new TenonError('CONFIG_INVALID', 'what is to be granted is no capability', { problems })
}

function refuseUnnamed({ grants: written = {} }: WorkspaceDocument, grants: Record<string, string[]>): void {
  const problems = Object.entries(written)
    .filter(([id, capabilities]) => !Object.hasOwn(grants, id) && capabilities.length > 0)
    .map(([id, capabilities]) => ({
      pointer: `/grants/${id}`,
      code: 'TRUST_REQUIRED',
      message: `grants ${capabilities.join(', ')} to ${id}`,
    }))
  if (problems.length > 0)
    throw new TenonError('TRUST_REQUIRED', 'tenon.json grants what was not accepted on this machine', {
      problems,
      hint: 'Grant that by name as well, or take it out of tenon.json.',
    })
}

/** What a plugin is granted: nothing until accepted here, and nothing for another signer than the one accepted. */
export function grantsFor(id: string, document: WorkspaceDocument, trust: Trust, generation: Generation): Capability[] {
  const signer = ownValue(acceptanceOf(document, trust)?.signers ?? {}, id)
  if (signer === undefined || signer !== ownValue(generation.plugins, id)?.signer) return []
  return (ownValue(document.grants ?? {}, id) ?? []).map(parseCapability)
}
