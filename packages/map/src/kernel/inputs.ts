import type { Json, JsonObject } from '@tenon/contract'
import type { OrphanSidecar } from '../files/listing.ts'
import type { Issue, Link, Node } from '../graph-schema.ts'
import type { HookTrigger } from './manifest-schema.ts'

/** What a Provider sees of a file. */
export type ProviderInput = { readonly path: string; readonly frontmatter: JsonObject }

/** What an extractor sees of a node. */
export type ExtractorInput = {
  readonly node: Node
  /** The text after the front matter. */
  readonly body: string
  /** `body` with all code blanked: same lines, same offsets. */
  readonly prose: string
  readonly frontmatter: JsonObject
}

/** What a rule sees. */
export type Graph = {
  readonly nodes: readonly Node[]
  readonly links: readonly Link[]
  readonly orphanSidecars: readonly OrphanSidecar[]
  /** What the sidecars of nodes hold, by the nodes' paths. */
  readonly sidecarRoots: Readonly<Record<string, JsonObject>>
  /** What plugins bring to sidecars. */
  readonly annotationContributions: readonly AnnotationKey[]
  /** What extensions may show of nodes. */
  readonly viewContributions: readonly ViewContributionKey[]
  /** What the scan before kept for nodes that are not there any more. */
  readonly strandedContributions: readonly StrandedContribution[]
}

/** A key that a plugin brings to sidecars: in its own block, or at the root. */
export type AnnotationKey = {
  readonly pluginId: string
  readonly key: string
  readonly location: 'namespaced' | 'root'
  readonly ownership: 'shared' | 'exclusive'
  readonly schema: JsonObject
}

/** What an extension may show of a node, with how it declares that it is shown. */
export type ViewContributionKey = {
  readonly pluginId: string
  readonly extensionId: string
  readonly contributionId: string
  readonly contract: string
  readonly label?: string
  readonly tooltip?: string
  readonly icon?: string
  readonly emptyText?: string
  readonly emitWhenEmpty: boolean
  readonly priority?: number
}

export type StrandedContribution = {
  readonly pluginId: string
  readonly extensionId: string
  readonly contributionId: string
  readonly nodePath: string
}

/** What an action works on. */
export type ActionInput = {
  readonly input: Json
  readonly node: Node
  readonly nodeAbsolutePath: string
  /** `cli`, `ui` or `plugin:<id>`. */
  readonly invoker: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What a formatter writes down. */
export type FormatterInput = {
  readonly nodes: readonly Node[]
  readonly links: readonly Link[]
  readonly issues: readonly Issue[]
}

/** What a hook is told. */
export type HookInput = {
  readonly event: {
    readonly type: HookTrigger
    readonly timestamp: number
    readonly runId?: string
    readonly jobId?: string
    readonly data: JsonObject
  }
  readonly extractorId?: string
  readonly ruleId?: string
  readonly actionId?: string
  readonly node?: Node
  readonly jobResult?: Json
}
