import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & { stale: boolean }

export const mapRefresh = smCommand<Flags, [string?]>({
  brief: 'Let extractors look at a node again, and keep what they add to it',
  example: 'map refresh .claude/agents/reviewer.md',
  flags: { stale: switchFlag('Do so for every node of which something stale is kept'), ...extensionFlags },
  args: ['node?'],
  async run(cli, { stale, ...flags }, node) {
    if (stale === (node !== undefined))
      throw new TenonError('USAGE', stale ? '--stale is for all nodes, so none is named' : 'no node is named', {
        hint: 'sm refresh <node>, or sm refresh --stale.',
      })
    const { refreshKept, staleNodes } = await import('../../compose/map-refresh.ts')
    const kept = await keptScan(cli)
    const paths = node === undefined ? await staleNodes(cli) : [node]
    const refreshed = await refreshKept(cli, flags, kept, paths)
    const text = refreshed.length === 0 ? 'nothing to do' : refreshed.map(toldOf).join('\n')
    return { data: { refreshed }, text }
  },
})

const toldOf = ({ nodePath, enrichments }: { nodePath: string; enrichments: number }): string =>
  `${nodePath}: ${enrichments} enrichments`
