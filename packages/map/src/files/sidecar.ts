import Type, { type Static } from 'typebox'
import type { JsonObject, Problem } from '@tenon/contract'
import { validatorOf } from '@tenon/contract/schema'
import type { SidecarState } from '../graph-schema.ts'
import { jsonOf, readYamlMapping } from '../text/yaml.ts'

const text = Type.String({ minLength: 1 })
const texts = Type.Array(text)
const open = { additionalProperties: true }

export const STABILITIES = ['experimental', 'stable', 'deprecated'] as const

const annotationsSchema = Type.Object(
  {
    version: Type.Optional(Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })),
    stability: Type.Optional(Type.Enum([...STABILITIES])),
    supersedes: Type.Optional(texts),
    supersededBy: Type.Optional(text),
    requires: Type.Optional(texts),
    conflictsWith: Type.Optional(texts),
    related: Type.Optional(texts),
    authors: Type.Optional(texts),
    license: Type.Optional(text),
    source: Type.Optional(text),
    sourceVersion: Type.Optional(text),
    tags: Type.Optional(texts),
    docsUrl: Type.Optional(text),
  },
  open,
)

/** The annotations that the specification knows. */
export const ANNOTATION_FIELDS: readonly string[] = Object.keys(annotationsSchema.properties)

const sidecarSchema = Type.Object(
  {
    identity: Type.Object({ path: text, bodyHash: text, frontmatterHash: text }, open),
    annotations: Type.Optional(annotationsSchema),
    settings: Type.Optional(Type.Object({}, open)),
    audit: Type.Optional(Type.Object({}, open)),
  },
  open,
)

type Sidecar = Static<typeof sidecarSchema>

const sidecars = validatorOf(sidecarSchema)

/** What the specification itself keeps at the root of a sidecar. */
export const RESERVED_BLOCKS: readonly string[] = Object.keys(sidecarSchema.properties)

export const sidecarProblems = (root: JsonObject): Problem[] => sidecars.problems(root)

/** The sidecar of a file bears its name with `.sm` for its extension and lies beside it. */
export const sidecarPathOf = (path: string): string => path.replace(/\.[^./]*$/, '.sm')

/** The live hashes that a sidecar's identity is held against. */
export type LiveHashes = { bodyHash: string; frontmatterHash: string }

export type SidecarReading = { state: SidecarState; faults: string[] }

export const NO_SIDECAR: SidecarState = { present: false }

/** Reads a sidecar's text and compares it with the file it stands beside. An unusable one is present, and nothing more. */
export function readSidecar(source: string, live: LiveHashes): SidecarReading {
  const { value, fault } = readYamlMapping(source)
  if (fault !== undefined) return unusable([fault])
  const root = jsonOf(value)
  const problems = sidecars.problems(root)
  if (!sidecars.is(root)) return unusable(problems.map(({ pointer, message }) => `${pointer}: ${message}`))
  const annotations = (root.annotations ?? null) as JsonObject | null
  return { state: { present: true, status: statusOf(root, live), annotations, root }, faults: [] }
}

export const unusable = (faults: string[]): SidecarReading => ({
  state: { present: true, status: null, annotations: null, root: null },
  faults,
})

function statusOf({ identity }: Sidecar, live: LiveHashes): NonNullable<SidecarState['status']> {
  const body = identity.bodyHash !== live.bodyHash
  const frontmatter = identity.frontmatterHash !== live.frontmatterHash
  if (body && frontmatter) return 'stale-both'
  if (body) return 'stale-body'
  return frontmatter ? 'stale-frontmatter' : 'fresh'
}
