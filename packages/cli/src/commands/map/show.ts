import type { Link, Node, ShownNode } from '@tenon/map'
import { columns } from '../../printer.ts'
import { issueTable } from './issue-table.ts'
import { keptNode } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

export const mapShow = smCommand<object, [node: string]>({
  brief: 'Show a node of the map with its links and issues',
  example: 'map show README.md',
  args: ['node'],
  async run(cli, _, path) {
    const shown = await keptNode(cli, path)
    return { data: shown, text: textOf(shown) }
  },
})

const textOf = ({ node, linksOut, linksIn, issues }: ShownNode): string =>
  [
    columns(['FIELD', 'VALUE'], factsOf(node)),
    ...(linksOut.length === 0
      ? []
      : [
          columns(
            ['LINK OUT', ...LINK],
            linksOut.map((link) => [link.target, ...facts(link)]),
          ),
        ]),
    ...(linksIn.length === 0
      ? []
      : [
          columns(
            ['LINK IN', ...LINK],
            linksIn.map((link) => [link.source, ...facts(link)]),
          ),
        ]),
    ...(issues.length === 0 ? [] : [issueTable(issues)]),
  ].join('\n\n')

const LINK = ['KIND', 'CONFIDENCE', 'LINE', 'FOUND BY']

const facts = ({ kind, confidence, location, sources }: Link): string[] => [
  kind,
  confidence,
  location ? String(location.line) : '-',
  sources.join(', '),
]

function factsOf({ path, kind, provider, frontmatter = {}, bytes, tokens, sidecar, ...counts }: Node): string[][] {
  const { name, description } = frontmatter
  return [
    ['path', path],
    ['kind', `${kind} (${provider})`],
    ...(typeof name === 'string' ? [['name', name]] : []),
    ...(typeof description === 'string' ? [['description', description]] : []),
    ['bytes', String(bytes.total)],
    ...(tokens === undefined ? [] : [['tokens', String(tokens.total)]]),
    ['links', `${counts.linksOutCount} out, ${counts.linksInCount} in, ${counts.externalRefsCount} outside`],
    ['sidecar', sidecar?.present === true ? (sidecar.status ?? 'invalid') : 'none'],
  ]
}
