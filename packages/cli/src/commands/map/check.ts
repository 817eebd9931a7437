import { TenonError } from '@tenon/contract'
import { switchFlag, textFlag } from '../../command.ts'
import type { ScanParts } from '@tenon/map'
import { printNote } from '../../printer.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { issueTable } from './issue-table.ts'
import { keptParts } from './kept-scan.ts'
import { verbNotBuilt } from './not-built.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & { node?: string; rules?: string; includeProb: boolean; async: boolean }

export const mapCheck = smCommand<Flags>({
  brief: 'Tell the issues of the map, and end with 1 when one is an error',
  example: 'map check --rules core/broken-ref',
  flags: {
    node: textFlag('Only issues that name this node'),
    rules: textFlag('Only issues of these rules, with commas between, each with or without its plugin'),
    includeProb: switchFlag('Name the rules that ask a model, which no check runs'),
    async: switchFlag('With --include-prob: leave these rules to jobs, which are not built yet'),
    ...extensionFlags,
  },
  aliases: { n: 'node' },
  async run(cli, { node, rules, includeProb, async: inJobs, ...flags }) {
    if (inJobs && !includeProb)
      throw new TenonError('USAGE', '--async goes with --include-prob', {
        hint: 'Rules that ask no model are done at once.',
      })
    const { checkIssues, modelRules } = await import('@tenon/map')
    const { mapExtensions } = await import('../../compose/map-extensions.ts')
    const { issues: all, nodes = [] }: Partial<ScanParts> & Pick<ScanParts, 'issues'> =
      node === undefined ? await keptParts(cli, 'issues') : await keptParts(cli, 'issues', 'nodes')
    // No plugin is started where nobody asks for a rule by name.
    const noPlugins = flags.noPlugins || (rules === undefined && !includeProb)
    await using configured = await mapExtensions(cli, { ...flags, noPlugins })
    const { extensions } = configured
    const filter = {
      ...(node === undefined ? {} : { node }),
      ...(rules === undefined ? {} : { rules: rules.split(',') }),
    }
    const issues = checkIssues({ nodes, issues: all }, filter, extensions)
    const left = includeProb ? modelRules(extensions, filter.rules) : []
    if (inJobs && left.length > 0) throw verbNotBuilt('check --async')
    if (includeProb) printNote(cli.io, `asks a model, and was not run: ${left.join(', ') || 'no rule'}`)
    const text = issues.length === 0 ? 'no issues' : issueTable(issues)
    return { data: issues, text, exit: issues.some(({ severity }) => severity === 'error') ? 1 : 0 }
  },
})
