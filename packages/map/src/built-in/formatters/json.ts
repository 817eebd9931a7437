import type { Link } from '../../graph-schema.ts'
import { inOrder } from '../../in-order.ts'
import type { Formatter } from '../../kernel/extension.ts'
import { withLinkIndices } from '../../link-indices.ts'
import { shownJson } from './foreign-text.ts'
import { outlineOf } from './outline.ts'

/** Nodes, links and issues as one JSON document. */
export const json: Formatter = {
  id: 'json',
  kind: 'formatter',
  version: '1.0.0',
  description: 'Nodes, links and issues as one JSON document.',
  formatId: 'json',
  contentType: 'application/json',
  format(graph) {
    const nodes = inOrder(graph.nodes, ({ path }) => [path])
    const { links } = outlineOf(graph)
    const { issues } = outlineOf({ ...graph, issues: withLinkIndices(graph.issues, placesAmong(links, graph.links)) })
    return `${shownJson({ nodes, links, issues }, 2)}\n`
  },
}

/** Where the links of one list stand in another. Links that say the same are one. */
function placesAmong(links: readonly Link[], former: readonly Link[]): (index: number) => number | undefined {
  const places = new Map(links.map((link, place) => [JSON.stringify(link), place]))
  return (index) => places.get(JSON.stringify(former[index]))
}
