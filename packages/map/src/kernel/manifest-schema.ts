import Type, { type Static } from 'typebox'
import { ID_PATTERN } from '@tenon/contract'
import { CONFIDENCES, LINK_KINDS, SEVERITIES } from '../graph-schema.ts'
import { strictObject } from '../strict-object.ts'
import { PARSERS } from '../text/front-matter.ts'
import { VIEW_CONTRACTS } from './view-contracts.ts'

const text = Type.String({ minLength: 1 })
const id = Type.String({ pattern: ID_PATTERN })
/** Also camelCase, which the built-in counters of links bear in the specification. */
const contributionId = '^[a-z][a-zA-Z0-9]*(-[a-z0-9]+)*$'

const viewContributionSchema = strictObject({
  contract: Type.Enum([...VIEW_CONTRACTS]),
  label: Type.Optional(Type.String({ maxLength: 64 })),
  tooltip: Type.Optional(Type.String({ maxLength: 256 })),
  icon: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  emptyText: Type.Optional(Type.String({ maxLength: 128 })),
  emitWhenEmpty: Type.Optional(Type.Boolean()),
  priority: Type.Optional(Type.Integer()),
})

/** A key that an extension brings to sidecars: in the block of its plugin, or at the root, which nobody else may bring too. */
const annotationContributionSchema = strictObject({
  schema: Type.Object({}, { additionalProperties: true }),
  ownership: Type.Optional(Type.Enum(['shared', 'exclusive'])),
  location: Type.Optional(Type.Enum(['namespaced', 'root'])),
})

const base = {
  id,
  version: text,
  description: Type.Optional(Type.String()),
  stability: Type.Optional(Type.Enum(['experimental', 'stable', 'deprecated'])),
  preconditions: Type.Optional(Type.Array(Type.String())),
  entry: Type.Optional(text),
  annotationContributions: Type.Optional(Type.Record(Type.String(), annotationContributionSchema)),
  viewContributions: Type.Optional(
    Type.Record(Type.String({ pattern: contributionId }), viewContributionSchema, { additionalProperties: false }),
  ),
}

const color = Type.String({ pattern: '^#[0-9a-fA-F]{6}$' })

const nodeKindSchema = strictObject({
  /** The JSON Schema document of the kind's front matter. */
  schema: Type.Object({}, { additionalProperties: true }),
  defaultRefreshAction: Type.String({ pattern: '^[a-z][a-z0-9-]*/[a-z][a-z0-9-]*$' }),
  ui: strictObject({
    label: text,
    color,
    colorDark: Type.Optional(color),
    emoji: Type.Optional(Type.String({ minLength: 1, maxLength: 8 })),
    icon: Type.Optional(
      Type.Union([
        strictObject({ kind: Type.Literal('pi'), id: Type.String({ pattern: '^pi-' }) }),
        strictObject({ kind: Type.Literal('svg'), path: text }),
      ]),
    ),
  }),
})

export const providerManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('provider'),
  kinds: Type.Record(Type.String({ pattern: '^[a-z][a-zA-Z0-9]*$' }), nodeKindSchema, {
    minProperties: 1,
    additionalProperties: false,
  }),
  explorationDir: text,
  read: Type.Optional(
    strictObject({
      extensions: Type.Array(Type.String({ pattern: '^\\.[a-z0-9]+$' }), { minItems: 1 }),
      parser: Type.Enum([...PARSERS]),
    }),
  ),
  /** Patterns of paths that it is for, against the folder of the map. They restrict nothing. */
  roots: Type.Optional(Type.Array(Type.String({ pattern: '^(?!/|~)(?!.*(^|/)\\.\\.(/|$)).+$' }))),
})

export const extractorManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('extractor'),
  emitsLinkKinds: Type.Array(Type.Enum([...LINK_KINDS])),
  defaultConfidence: Type.Enum([...CONFIDENCES]),
  scope: Type.Optional(Type.Enum(['frontmatter', 'body', 'both'])),
  applicableKinds: Type.Optional(Type.Array(text, { minItems: 1, uniqueItems: true })),
})

export const ruleManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('rule'),
  mode: Type.Optional(Type.Enum(['deterministic', 'probabilistic'])),
  emitsRuleIds: Type.Array(id, { minItems: 1 }),
  defaultSeverity: Type.Enum([...SEVERITIES]),
  consumes: Type.Optional(Type.Enum(['nodes', 'links', 'both'])),
  configurable: Type.Optional(Type.Boolean()),
})

export const actionManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('action'),
  mode: Type.Enum(['deterministic', 'probabilistic']),
  reportSchemaRef: text,
  promptTemplateRef: Type.Optional(text),
  expectedDurationSeconds: Type.Optional(Type.Integer({ minimum: 1 })),
  precondition: Type.Optional(
    strictObject({
      kind: Type.Optional(Type.Array(text, { minItems: 1 })),
      provider: Type.Optional(Type.Array(text, { minItems: 1 })),
      stability: Type.Optional(Type.Array(text, { minItems: 1 })),
      custom: Type.Optional(Type.Array(text)),
    }),
  ),
  expectedTools: Type.Optional(Type.Array(text)),
  fanOutPolicy: Type.Optional(Type.Enum(['per-node', 'batch'])),
})

export const formatterManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('formatter'),
  formatId: id,
  contentType: Type.Optional(text),
  supportsFilter: Type.Optional(Type.Boolean()),
})

/** What a hook may be called at. The last three belong to jobs. */
export const HOOK_TRIGGERS = [
  'scan.started',
  'scan.completed',
  'extractor.completed',
  'rule.completed',
  'action.completed',
  'job.spawning',
  'job.completed',
  'job.failed',
] as const

export const hookManifestSchema = strictObject({
  ...base,
  kind: Type.Literal('hook'),
  mode: Type.Optional(Type.Enum(['deterministic', 'probabilistic'])),
  triggers: Type.Array(Type.Enum([...HOOK_TRIGGERS]), { minItems: 1 }),
  filter: Type.Optional(
    Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])),
  ),
})

export type ProviderManifest = Static<typeof providerManifestSchema>
export type ExtractorManifest = Static<typeof extractorManifestSchema>
export type RuleManifest = Static<typeof ruleManifestSchema>
export type ActionManifest = Static<typeof actionManifestSchema>
export type FormatterManifest = Static<typeof formatterManifestSchema>
export type HookManifest = Static<typeof hookManifestSchema>
export type Manifest =
  | ProviderManifest
  | ExtractorManifest
  | RuleManifest
  | ActionManifest
  | FormatterManifest
  | HookManifest
export type HookTrigger = (typeof HOOK_TRIGGERS)[number]

export type ExtensionKind = Manifest['kind']
