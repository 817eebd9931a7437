import { textFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

export const mapGraph = smCommand<ExtensionFlags & { format?: string }>({
  brief: 'Write the whole map down, as ascii, json, md, mermaid or dot',
  example: 'map graph --format mermaid',
  flags: { format: textFlag('The format, or the formatter by its qualified id (default: ascii)'), ...extensionFlags },
  async run(cli, { format = 'ascii', ...flags }) {
    const { writeGraph } = await import('../../compose/write-graph.ts')
    const { text, contentType } = await writeGraph(cli, flags, format, { graph: await keptScan(cli) })
    return { data: { format, contentType, text }, text: text.replace(/\n$/, '') }
  },
})
