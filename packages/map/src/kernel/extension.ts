import type { Json, JsonObject, SettingsDeclaration } from '@tenon/contract'
import type { Confidence, Issue, Link, Severity } from '../graph-schema.ts'
import type { Dependence } from './dependence.ts'
import type { ActionInput, ExtractorInput, FormatterInput, Graph, HookInput } from './inputs.ts'
import type {
  ActionManifest,
  ExtractorManifest,
  FormatterManifest,
  HookManifest,
  ProviderManifest,
  RuleManifest,
} from './manifest-schema.ts'
import type { PluginStore } from './store-facade.ts'
import type { Runners } from './runners.ts'

/** What the kernel knows of a plugin: the part of its manifest that concerns a scan. */
export type MapPlugin = {
  id: string
  version: string
  /** Whether the plugin or each of its extensions is what one switches off. */
  granularity: 'bundle' | 'extension'
  /** Of the files that its code is in, where they may change without its version. */
  digest?: string
  settings?: SettingsDeclaration
}

/**
 * One extension of a plugin: a module as importing it gives it, whose code runs in this process, or what a module
 * declares, with a way to reach its code elsewhere.
 */
export type ExtensionSource = {
  plugin: MapPlugin
  /** The JSON Schema document that an action's `reportSchemaRef` leads to. */
  reportSchema?: Json
} & (
  | { module: { default: unknown } }
  | { manifest: unknown; owner?: unknown; dependsOn?: unknown; runner: Partial<Runners> }
)

/** A link as an extractor emits it; the kernel adds who found it. */
export type EmittedLink = Omit<Link, 'source' | 'sources' | 'confidence'> & {
  /** The node itself when absent. */
  source?: string
  /** The extractor's `defaultConfidence` when absent. */
  confidence?: Confidence
}

/** An issue as a rule returns it. */
export type FoundIssue = Omit<Issue, 'severity'> & { severity?: Severity }

export type ExtractorContext = ExtractorInput & {
  readonly settings: JsonObject
  readonly emitLink: (link: EmittedLink) => void
  /** Adds to what is known of the node, beside what its author wrote. */
  readonly enrichNode: (partial: object) => void
  readonly emitContribution: (contributionId: string, payload: object) => void
  /** What the plugin keeps, where it declares that it does. */
  readonly store?: PluginStore
}

export type RuleContext = Graph & {
  readonly settings: JsonObject
  readonly emitContribution: (nodePath: string, contributionId: string, payload: object) => void
}

/** What an action may ask to be written: a change of the sidecar of its node. `null` takes a key out. */
export type SidecarWrite = { kind: 'sidecar'; path: string; changes: JsonObject }

/** What an action came to. */
export type ActionOutcome = { report: JsonObject; writes?: SidecarWrite[] }

export type ActionContext = Omit<ActionInput, 'input' | 'at'> & {
  readonly settings: JsonObject
  readonly now: () => Date
}

export type FormatterContext = FormatterInput & { readonly settings: JsonObject }

export type HookContext = HookInput & { readonly settings: JsonObject }

/** A file as a Provider that walks found and read it. */
export type WalkedNode = {
  /** Relative to the root, with `/`. */
  path: string
  body: string
  /** The text between the fences; empty when there is none. */
  frontmatterRaw?: string | null
  frontmatter?: JsonObject
}

export type Provider = ProviderManifest & {
  classify(path: string, frontmatter: JsonObject): string | null
  /** In the place of `read`. What the filter ignores is not taken. */
  walk?(
    roots: string[],
    options: { ignoreFilter: { ignores(path: string): boolean } },
  ): AsyncIterable<WalkedNode> | Iterable<WalkedNode>
}

export type Extractor = ExtractorManifest & {
  extract(context: ExtractorContext): void | Promise<void>
}

export type Rule = RuleManifest & {
  evaluate(context: RuleContext): FoundIssue[] | Promise<FoundIssue[]>
  /** Where none of it changed since the scan before, what the rule found then is taken for what it would find. */
  dependsOn?: Dependence
}

export type Action = ActionManifest & {
  invoke(input: Json, context: ActionContext): ActionOutcome | Promise<ActionOutcome>
}

export type Formatter = FormatterManifest & {
  format(context: FormatterContext): string | Promise<string>
}

export type Hook = HookManifest & {
  on(context: HookContext): unknown
}

export type Extension = Provider | Extractor | Rule | Action | Formatter | Hook
