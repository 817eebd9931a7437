import { TenonError } from '@tenon/contract'
import type { Node } from '@tenon/map'
import { numberFlag, switchFlag, textFlag } from '../../command.ts'
import { columns } from '../../printer.ts'
import { keptParts } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

type Flags = { kind?: string; issue: boolean; sortBy?: string; limit?: number; tag?: string; tagSource?: string }

export const mapList = smCommand<Flags>({
  brief: 'List the nodes of the map',
  example: 'map list --kind agent --sort-by links_in_count',
  flags: {
    kind: textFlag('Only nodes of this kind, or of one of several with commas between'),
    issue: switchFlag('Only nodes that an issue names'),
    sortBy: textFlag('path, kind, bytes_total, links_out_count, links_in_count or external_refs_count (default: path)'),
    limit: numberFlag('At most so many'),
    tag: textFlag('Only nodes with this tag'),
    tagSource: textFlag('Whose tag it has to be: author or user'),
  },
  async run(cli, { kind, issue, sortBy, limit, tag, tagSource }) {
    const { listNodes, SORT_KEYS, TAG_SOURCES } = await import('@tenon/map')
    const filter = {
      withIssues: issue,
      ...(kind === undefined ? {} : { kinds: kind.split(',') }),
      ...(sortBy === undefined ? {} : { sortBy: oneOf(SORT_KEYS, '--sort-by', sortBy) }),
      ...(limit === undefined ? {} : { limit: count('--limit', limit) }),
      ...(tag === undefined ? {} : { tag }),
      ...(tagSource === undefined ? {} : { tagSource: oneOf(TAG_SOURCES, '--tag-source', tagSource) }),
    }
    const nodes = listNodes(await keptParts(cli, 'nodes', 'issues'), filter)
    return { data: nodes, text: nodes.length === 0 ? 'no nodes' : columns(HEAD, nodes.map(rowOf)) }
  },
})

const HEAD = ['PATH', 'KIND', 'BYTES', 'OUT', 'IN', 'OUTSIDE', 'SIDECAR']

const rowOf = ({ path, kind, bytes, linksOutCount, linksInCount, externalRefsCount, sidecar }: Node): string[] => [
  path,
  kind,
  ...[bytes.total, linksOutCount, linksInCount, externalRefsCount].map(String),
  sidecar?.present === true ? (sidecar.status ?? 'invalid') : '-',
]

function oneOf<T extends string>(known: readonly T[], flag: string, given: string): T {
  const found = known.find((one) => one === given)
  if (found !== undefined) return found
  throw new TenonError('USAGE', `${flag} cannot be "${given}"`, { hint: `It is one of: ${known.join(', ')}.` })
}

function count(flag: string, given: number): number {
  if (Number.isSafeInteger(given) && given > 0) return given
  throw new TenonError('USAGE', `${flag} cannot be ${given}`, { hint: 'It is a whole number from 1.' })
}
