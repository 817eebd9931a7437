import type { Formatter } from '../../kernel/extension.ts'
import { nameOf } from '../rules/name-of.ts'
import { shownText } from './foreign-text.ts'
import { countsOf, outlineOf } from './outline.ts'

/** The graph as plain text, for people. */
export const ascii: Formatter = {
  id: 'ascii',
  kind: 'formatter',
  version: '1.0.0',
  description: 'Plain text, for people.',
  formatId: 'ascii',
  format(graph) {
    const { kinds, links, issues } = outlineOf(graph)
    return [
      `map: ${countsOf(graph)}\n`,
      ...kinds.map(({ kind, nodes }) =>
        section(
          kind,
          nodes.map((node) => [node.path, ...nameOf(node).map((name) => JSON.stringify(name))].join(' ')),
        ),
      ),
      section(
        'links',
        links.map(({ source, kind, target, confidence }) => `${source} --${kind}--> ${target} [${confidence}]`),
      ),
      section(
        'issues',
        issues.map(({ severity, ruleId, message }) => `[${severity}] ${ruleId}: ${message}`),
      ),
    ].join('')
  },
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n## ${shownText(title)} (${lines.length})\n\n${lines.map(item).join('')}`

const item = (line: string): string => `- ${shownText(line)}\n`
