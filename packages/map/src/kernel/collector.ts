import { isDeepStrictEqual } from 'node:util'
import Type, { type Static } from 'typebox'
import type { JsonObject } from '@tenon/contract'
import { validatorOf, type Validator } from '@tenon/contract/schema'
import { issueSchema, linkSchema, nodeSchema, SEVERITIES, type Issue, type Link, type Node } from '../graph-schema.ts'
import { issueForm } from '../issue-form.ts'
import { linkForm } from '../link-form.ts'
import { strictObject } from '../strict-object.ts'
import { Contributions, saidOf, type ContributionsByPath, type Named, type Said } from './contributions.ts'
import type { Tell } from './events.ts'
import type { LoadedExtractor, LoadedRule } from './loaded-extension.ts'
import { isPayloadEmpty, payloadFault } from './view-contracts.ts'

/** What an extractor adds to what is known of a node. */
export type Enrichment = { nodePath: string; extractorId: string; bodyHash: string; value: JsonObject }

/** Which extractors, by their keys, have looked at a node with this body. */
export type ExtractorRuns = { node: Pick<Node, 'bodyHash'>; lookedAtBy: ReadonlySet<string> }

const contributed = { id: Type.String(), payload: Type.Unknown() }

const emissionsSchema = Type.Array(
  Type.Union([
    strictObject({ link: Type.Unknown() }),
    strictObject({ enrichment: Type.Unknown() }),
    strictObject({ contribution: strictObject(contributed) }),
  ]),
)

const findingsSchema = strictObject({
  issues: Type.Array(Type.Unknown()),
  contributions: Type.Array(strictObject({ nodePath: Type.String(), ...contributed })),
})

const emittedLinkSchema = strictObject({
  ...linkSchema.properties,
  source: Type.Optional(linkSchema.properties.source),
  sources: Type.Optional(Type.Unknown()),
  confidence: Type.Optional(linkSchema.properties.confidence),
})

const foundIssueSchema = strictObject({
  ...issueSchema.properties,
  severity: Type.Optional(Type.Enum([...SEVERITIES])),
})

const enrichmentSchema = Type.Partial(Type.Object(nodeSchema.properties), { additionalProperties: true })

const emissions = validatorOf(emissionsSchema)
const findings = validatorOf(findingsSchema)
const emittedLinks = validatorOf(emittedLinkSchema)
const foundIssues = validatorOf(foundIssueSchema)
const enrichments = validatorOf(enrichmentSchema)

export type Emissions = Static<typeof emissionsSchema>
export type Findings = Static<typeof findingsSchema>

type Owner = LoadedExtractor | LoadedRule

/** Takes what extensions say, drops what breaks the contract, and tells of each thing dropped. */
export class Collector {
  readonly contributions = new Contributions()
  readonly enrichments = new Map<string, Enrichment>()
  /** How often something was dropped. */
  faults = 0
  readonly #before: ContributionsByPath
  readonly #shown = new Map<object, Named>()
  readonly #lost = new Set<string>()
  readonly #tell: Tell

  /** Of a contribution that is as it was `before`, that object is kept. */
  constructor(tell: Tell, before: ContributionsByPath = new Map()) {
    this.#tell = tell
    this.#before = before
  }

  emissions(owner: Owner, nodePath: string, value: unknown): Emissions {
    return this.#checked(emissions, owner, value, nodePath) ?? []
  }

  findings(owner: Owner, value: unknown): Findings {
    return this.#checked(findings, owner, value) ?? { issues: [], contributions: [] }
  }

  /** A link of an extractor, complete, or none when it is dropped. */
  link(extractor: LoadedExtractor, nodePath: string, value: unknown): Link[] {
    const link = this.#checked(emittedLinks, extractor, value, nodePath)
    if (link === undefined) return []
    const { manifest } = extractor
    if (!manifest.emitsLinkKinds.includes(link.kind)) {
      this.drop(extractor, `it does not declare links of the kind "${link.kind}"`, nodePath)
      return []
    }
    const { source = nodePath, target, kind, confidence = manifest.defaultConfidence, sources: _, ...rest } = link
    return [linkForm({ ...rest, source, target, kind, confidence, sources: [manifest.id] })]
  }

  /** What one extractor adds to one node comes together, the last of each key. */
  enrichment(extractor: LoadedExtractor, { path: nodePath, bodyHash }: Node, value: unknown): void {
    const partial = this.#checked(enrichments, extractor, value, nodePath)
    if (partial === undefined) return
    const key = JSON.stringify([nodePath, extractor.key])
    const before = this.enrichments.get(key)?.value
    const merged = { ...before, ...(partial as JsonObject) }
    this.enrichments.set(key, { nodePath, extractorId: extractor.key, bodyHash, value: merged })
  }

  issue(rule: LoadedRule, value: unknown): Issue[] {
    const issue = this.#checked(foundIssues, rule, value)
    if (issue === undefined) return []
    const { ruleId, severity = rule.manifest.defaultSeverity, ...rest } = issue
    if (rule.manifest.emitsRuleIds.includes(ruleId)) return [issueForm({ ...rest, ruleId, severity })]
    this.drop(rule, `it does not declare the rule id "${ruleId}"`)
    return []
  }

  contribution(owner: Owner, nodePath: string, contributionId: string, payload: unknown): void {
    const view = owner.manifest.viewContributions?.[contributionId]
    if (view === undefined) return this.drop(owner, `it declares no contribution "${contributionId}"`, nodePath)
    const { contract } = view
    const said = { pluginId: owner.plugin.id, extensionId: owner.manifest.id, contributionId }
    const now = this.#shownAs(view, said)
    const known = saidOf(this.#before, nodePath, said)
    const isKnown = known?.contract === contract && isDeepStrictEqual(known.payload, payload)
    if (known !== undefined && isKnown && !isPayloadEmpty(contract, payload)) return void now.set(nodePath, known)
    const fault = contract === 'scope-stat' ? 'is not about a node' : payloadFault(contract, payload)
    if (fault !== undefined) return this.drop(owner, `the payload of "${contributionId}": ${fault}`, nodePath)
    if (view.emitWhenEmpty !== true && isPayloadEmpty(contract, payload)) return
    const { pluginId, extensionId } = said
    now.set(nodePath, { pluginId, extensionId, nodePath, contributionId, contract, payload })
  }

  #shownAs(view: object, said: Said): Named {
    const named = this.#shown.get(view) ?? this.contributions.named(said)
    this.#shown.set(view, named)
    return named
  }

  drop(owner: Owner, message: string, nodePath?: string): undefined {
    this.error(owner, 'invalid-output', message, nodePath)
  }

  error(owner: Owner, kind: 'threw' | 'invalid-output', message: string, nodePath?: string): void {
    this.faults += 1
    const where = nodePath === undefined ? {} : { nodePath }
    this.#tell('extension.error', { extensionId: owner.key, kind, message, ...where })
  }

  /** A runner gave no answer at all, to one batch or to many; that is told once. */
  lost({ key }: Pick<Owner, 'key'>, message: string): void {
    if (this.#lost.has(`${key} ${message}`)) return
    this.#lost.add(`${key} ${message}`)
    this.#tell('extension.error', { extensionId: key, kind: 'threw', message })
  }

  #checked<T>(validator: Validator<T>, owner: Owner, value: unknown, nodePath?: string): T | undefined {
    if (validator.is(value)) return value
    const told = validator.problems(value).map(({ pointer, message }) => `${pointer}: ${message}`)
    return this.drop(owner, told.join('; '), nodePath)
  }
}
