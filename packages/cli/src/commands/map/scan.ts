import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & {
  noTokens: boolean
  strict: boolean
  dryRun: boolean
  changed: boolean
  verify: boolean
  allowEmpty: boolean
}

export const mapScan = smCommand<Flags, string[]>({
  brief: 'Scan folders of agent files into a graph and keep it',
  example: 'map scan . --json',
  flags: {
    noTokens: switchFlag('Do not count tokens'),
    strict: switchFlag('Make complaints about front matter and settings errors'),
    dryRun: switchFlag('Keep nothing'),
    changed: switchFlag('Find out anew only what changed since the scan before'),
    verify: switchFlag('With --changed: read every file, whatever its time of change says'),
    allowEmpty: switchFlag('Keep an empty graph in the place of one that is not'),
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
