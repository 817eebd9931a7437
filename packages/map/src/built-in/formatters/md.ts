import type { Formatter } from '../../kernel/extension.ts'
import { nameOf } from '../rules/name-of.ts'
import { shownText } from './foreign-text.ts'
import { countsOf, outlineOf } from './outline.ts'

/** The graph as a Markdown document. All foreign text is in code spans, where nothing of it is markup. */
export const md: Formatter = {
  id: 'md',
  kind: 'formatter',
  version: '1.0.0',
  description: 'A Markdown document.',
  formatId: 'md',
  contentType: 'text/markdown',
  format(graph) {
    const { kinds, links, issues } = outlineOf(graph)
    return [
      `# Map\n\n${countsOf(graph)}\n`,
      ...kinds.map(({ kind, nodes }) =>
        section(
          code(kind),
          nodes.map((node) => [node.path, ...nameOf(node)].map(code).join(' ')),
        ),
      ),
      section(
        'Links',
        links.map(({ source, kind, target, confidence }) => `${code(source)} ${kind} ${code(target)} (${confidence})`),
      ),
      section(
        'Issues',
        issues.map(({ severity, ruleId, message }) => `**${severity}** ${code(ruleId)} ${code(message)}`),
      ),
    ].join('')
  },
}

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n## ${title} (${lines.length})\n\n${lines.map((line) => `- ${line}\n`).join('')}`

/** A code span: its fence is longer than any run of backticks in it, and a space at each end is no part of it. */
function code(text: string): string {
  const shown = shownText(text)
  if (shown.trim() === '') return code(JSON.stringify(shown))
  const fence = '`'.repeat(1 + Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length)))
  const space = /^[ `]|[ `]$/.test(shown) ? ' ' : ''
  return `${fence}${space}${shown}${space}${fence}`
}
