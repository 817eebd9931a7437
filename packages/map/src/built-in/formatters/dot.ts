import type { Formatter } from '../../kernel/extension.ts'
import { drawingOf } from './drawing.ts'

/** The graph in the language of Graphviz. */
export const dot: Formatter = {
  id: 'dot',
  kind: 'formatter',
  version: '1.0.0',
  description: 'The language of Graphviz.',
  formatId: 'dot',
  contentType: 'text/vnd.graphviz',
  format(graph) {
    const { groups, outside, arrows } = drawingOf(graph)
    return [
      'digraph map {',
      '  rankdir=LR;',
      '  node [shape=box];',
      ...groups.flatMap(({ kind, boxes }, index) => [
        `  subgraph cluster_${index} {`,
        `    label=${quoted(kind)};`,
        ...boxes.map(({ id, label }) => `    ${id} [label=${quoted(label)}];`),
        '  }',
      ]),
      ...outside.map(({ id, label }) => `  ${id} [label=${quoted(label)}, style=dashed];`),
      ...arrows.map(({ from, to, kind }) => `  ${from} -> ${to} [label=${quoted(kind)}];`),
      '}\n',
    ].join('\n')
  },
}

/** In a label a backslash begins an escape and an ampersand an entity. */
const quoted = (text: string): string =>
  `"${text.replaceAll('&', '&amp;').replaceAll(/["\\]/g, (char) => `\\${char}`)}"`
