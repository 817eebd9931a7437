import { textFlag } from '../../command.ts'
import { printLine } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const dbDump = smCommand<{ tables?: string }>({
  brief: 'Print the SQL that makes the database of a map, whole or some tables of it',
  example: 'map db dump --tables scan_nodes,scan_links',
  flags: { tables: textFlag('Only these tables, separated by commas') },
  timed: false,
  async run({ io, place }, { tables, json }) {
    const { dumpMap } = await import('@tenon/map')
    const lines = dumpMap(place.db, tables?.split(','))
    if (json) return { data: { sql: `${[...lines].join('\n')}\n` }, text: '' }
    for (const line of lines) printLine(io, line)
    return { data: null, text: '' }
  },
})
