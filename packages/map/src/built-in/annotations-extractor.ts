import type { Link } from '../graph-schema.ts'
import type { Extractor } from '../kernel/extension.ts'

const FIELDS: readonly [field: string, kind: Link['kind']][] = [
  ['supersedes', 'supersedes'],
  ['requires', 'references'],
  ['related', 'references'],
  ['conflictsWith', 'references'],
]

/** Turns what a sidecar says of other nodes into links. */
export const annotations: Extractor = {
  id: 'annotations',
  kind: 'extractor',
  version: '1.0.0',
  emitsLinkKinds: ['supersedes', 'references'],
  defaultConfidence: 'high',
  scope: 'frontmatter',
  extract: ({ node, emitLink }) => {
    const said = node.sidecar?.annotations ?? {}
    const links = FIELDS.flatMap(([field, kind]) =>
      texts(said[field]).map((target) => ({ source: node.path, target, kind })),
    )
    const successors = texts([said['supersededBy']]).map((source) => ({
      source,
      target: node.path,
      kind: 'supersedes' as const,
    }))
    const distinct = new Map([...links, ...successors].map((link) => [JSON.stringify(link), link]))
    for (const link of distinct.values()) emitLink(link)
  },
}

const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string' && item !== '') : []
