import type { Issue, Link, Node } from '../../graph-schema.ts'
import { SEVERITIES } from '../../graph-schema.ts'
import type { FormatterInput } from '../../kernel/inputs.ts'
import { inOrder } from '../../in-order.ts'

/** A graph in the one order in which it is written down, whatever order it came in. */
export type Outline = { kinds: { kind: string; nodes: Node[] }[]; links: Link[]; issues: Issue[] }

const FIRST_KINDS = ['agent', 'command', 'skill', 'markdown']

export function outlineOf({ nodes, links, issues }: FormatterInput): Outline {
  const byKind = Map.groupBy(
    inOrder(nodes, ({ path }) => [path]),
    ({ kind }) => kind,
  )
  const kinds = inOrder([...byKind.keys()], (kind) => [rank(FIRST_KINDS, kind)])
  return {
    kinds: kinds.map((kind) => ({ kind, nodes: byKind.get(kind) ?? [] })),
    links: inOrder(links, ({ source, kind, target }) => [source, kind, target]),
    issues: inOrder(issues, ({ severity, ruleId, nodeIds }) => [rank(SEVERITIES, severity), ruleId, ...nodeIds]),
  }
}

/** The place in a short list, as text that sorts alike; what is not in it comes last. */
function rank(known: readonly string[], name: string): string {
  const index = known.indexOf(name)
  return String(index < 0 ? known.length : index)
}

export const countsOf = ({ nodes, links, issues }: FormatterInput): string =>
  `${nodes.length} nodes, ${links.length} links, ${issues.length} issues`
