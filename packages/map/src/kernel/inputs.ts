import type { JsonObject } from '@tenon/contract'
import type { OrphanSidecar } from '../files/walk.ts'
import type { Link, Node } from '../graph-schema.ts'

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
}
