import Type, { type Static } from 'typebox'
import { ID_PATTERN } from '@tenon/contract'
import { CONFIDENCES, LINK_KINDS, SEVERITIES } from '../graph-schema.ts'
import { strictObject } from '../strict-object.ts'
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

const base = {
  id,
  version: text,
  description: Type.Optional(Type.String()),
  stability: Type.Optional(Type.Enum(['experimental', 'stable', 'deprecated'])),
  preconditions: Type.Optional(Type.Array(Type.String())),
  entry: Type.Optional(text),
  annotationContributions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
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
      parser: Type.Literal('frontmatter-yaml'),
    }),
  ),
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

export type ProviderManifest = Static<typeof providerManifestSchema>
export type ExtractorManifest = Static<typeof extractorManifestSchema>
export type RuleManifest = Static<typeof ruleManifestSchema>
export type Manifest = ProviderManifest | ExtractorManifest | RuleManifest
export type ExtensionKind = Manifest['kind']
