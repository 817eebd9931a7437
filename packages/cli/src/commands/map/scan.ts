import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & { noTokens: boolean; strict: boolean; dryRun: boolean }

export const mapScan = smCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter and settings errors'),
    dryRun: switchFlag('Keep nothing'),
    ...extensionFlags,
  },
  aliases: { n: 'dryRun' },
  args: ['root...'],
  async run(cli, flags, ...given) {
    const { scanMap } = await import('../../compose/map-scan.ts')
    const { result } = await scanMap(cli, flags, given)
    const { stats, issues } = result
    const text = `${stats.nodesCount} nodes, ${stats.linksCount} links, ${stats.issuesCount} issues in ${stats.durationMs} ms`
    return { data: result, text, exit: issues.some(({ severity }) => severity === 'error') ? 1 : 0 }
  },
})
