import { textFlag } from '../../command.ts'
import { jsonText } from '../../printer.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

export const mapExport = smCommand<ExtensionFlags & { format?: string }, [query: string]>({
  brief: 'Write a part of the map down: the nodes that a query asks for, and what is between them',
  example: 'map export kind=agent',
  flags: { format: textFlag('json, or any format of "map graph" (default: json)'), ...extensionFlags },
  args: ['query'],
  async run(cli, { format = 'json', json, ...flags }, query) {
    const { exportGraph } = await import('@tenon/map')
    const exported = exportGraph(await keptScan(cli), query)
    // Its own document also says what was asked for, which no formatter is told.
    if (json || format === 'json') return { data: exported, text: jsonText(exported, 2) }
    const { writeGraph } = await import('../../compose/write-graph.ts')
    const { text } = await writeGraph(cli, flags, format, { graph: exported, isFiltered: query.trim() !== '' })
    return { data: exported, text: text.replace(/\n$/, '') }
  },
})
