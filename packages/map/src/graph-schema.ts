import Type, { type Static } from 'typebox'
import { strictObject } from './strict-object.ts'

export const LINK_KINDS = ['invokes', 'references', 'mentions', 'supersedes'] as const
export const CONFIDENCES = ['high', 'medium', 'low'] as const
export const SEVERITIES = ['error', 'warn', 'info'] as const
export const SCOPES = ['project', 'global'] as const

const text = Type.String({ minLength: 1 })
const count = Type.Integer({ minimum: 0 })
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const sizes = strictObject({ frontmatter: count, body: count, total: count })
const openObject = Type.Record(Type.String(), Type.Unknown())

export const sidecarStateSchema = strictObject({
  present: Type.Boolean(),
  status: Type.Optional(
    Type.Union([Type.Enum(['fresh', 'stale-body', 'stale-frontmatter', 'stale-both']), Type.Null()]),
  ),
  annotations: Type.Optional(Type.Union([openObject, Type.Null()])),
  root: Type.Optional(Type.Union([openObject, Type.Null()])),
})

export const nodeSchema = strictObject({
  path: text,
  kind: text,
  provider: text,
  bodyHash: hash,
  frontmatterHash: hash,
  bytes: sizes,
  tokens: Type.Optional(sizes),
  linksOutCount: count,
  linksInCount: count,
  externalRefsCount: count,
  frontmatter: Type.Optional(openObject),
  sidecar: Type.Optional(sidecarStateSchema),
  isFavorite: Type.Optional(Type.Boolean()),
})

export const linkSchema = strictObject({
  source: text,
  target: text,
  kind: Type.Enum([...LINK_KINDS]),
  confidence: Type.Enum([...CONFIDENCES]),
  sources: Type.Array(text, { minItems: 1 }),
  trigger: Type.Optional(
    Type.Union([strictObject({ originalTrigger: Type.String(), normalizedTrigger: Type.String() }), Type.Null()]),
  ),
  location: Type.Optional(
    Type.Union([
      strictObject({
        line: Type.Integer({ minimum: 1 }),
        column: Type.Optional(Type.Integer({ minimum: 1 })),
        offset: Type.Optional(count),
      }),
      Type.Null(),
    ]),
  ),
  raw: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})

export const issueSchema = strictObject({
  ruleId: Type.String({ pattern: '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' }),
  severity: Type.Enum([...SEVERITIES]),
  nodeIds: Type.Array(text, { minItems: 1 }),
  message: text,
  linkIndices: Type.Optional(Type.Array(count)),
  detail: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  fix: Type.Optional(Type.Union([strictObject({ summary: Type.String(), autofixable: Type.Boolean() }), Type.Null()])),
  data: Type.Optional(openObject),
})

export const scanResultSchema = strictObject({
  schemaVersion: Type.Literal(1),
  scannedAt: count,
  scannedBy: Type.Optional(strictObject({ name: text, version: text, specVersion: text })),
  scope: Type.Enum([...SCOPES]),
  roots: Type.Array(text, { minItems: 1 }),
  providers: Type.Optional(Type.Array(text)),
  nodes: Type.Array(nodeSchema),
  links: Type.Array(linkSchema),
  issues: Type.Array(issueSchema),
  stats: strictObject({
    filesWalked: count,
    filesSkipped: count,
    nodesCount: count,
    linksCount: count,
    issuesCount: count,
    durationMs: count,
  }),
})

export type SidecarState = Static<typeof sidecarStateSchema>
export type Node = Static<typeof nodeSchema>
export type Link = Static<typeof linkSchema>
export type Issue = Static<typeof issueSchema>
export type ScanResult = Static<typeof scanResultSchema>
export type Confidence = Link['confidence']
export type Severity = Issue['severity']
export type Scope = ScanResult['scope']
