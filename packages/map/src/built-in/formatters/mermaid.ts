import type { Formatter } from '../../kernel/extension.ts'
import { drawingOf, type Box } from './drawing.ts'

/** The graph as a flowchart of Mermaid. */
export const mermaid: Formatter = {
  id: 'mermaid',
  kind: 'formatter',
  version: '1.0.0',
  description: 'A flowchart of Mermaid.',
  formatId: 'mermaid',
  // The specification asks for this, as Markdown is where such charts are shown.
  contentType: 'text/markdown',
  format(graph) {
    const { groups, outside, arrows } = drawingOf(graph)
    return [
      'flowchart LR',
      ...groups.flatMap(({ kind, boxes }, index) => [
        `  subgraph k${index}[${quoted(kind)}]`,
        ...boxes.map(({ id, label }) => `    ${id}[${quoted(label)}]`),
        '  end',
      ]),
      ...outside.map(({ id, label }: Box) => `  ${id}([${quoted(label)}])`),
      ...arrows.map(({ from, to, kind }) => `  ${from} -->|${kind}| ${to}`),
      '',
    ].join('\n')
  },
}

/**
 * All but what no part of Mermaid gives a meaning, even within quotes, as entities: there are comments (`%%`),
 * directives, HTML, Markdown and styles, which it looks for before it parses.
 */
const quoted = (text: string): string =>
  `"${text.replaceAll(/[^\p{L}\p{N} _/.,-]/gu, (char) => `#${Number(char.codePointAt(0))};`)}"`
