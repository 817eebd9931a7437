import { defineCommand, numberFlag, textFlag } from '../command.ts'
import { columns } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Flags = LocationFlags & {
  actor?: string
  action?: string
  target?: string
  decision?: string
  limit?: number
  offset?: number
}
type Page = {
  items: { at: string; actor: string; action: string; target: string; decision: string; reason: string }[]
  total: number
}

export const adminAudit = defineCommand<Flags>({
  brief: 'Search the audit ledger, newest first',
  example: 'admin audit --decision deny --limit 20',
  flags: {
    ...locationFlags,
    actor: textFlag('Who, such as plugin:id-mint'),
    action: textFlag('What, such as operator.call'),
    target: textFlag('On what'),
    decision: textFlag('allow or deny'),
    limit: numberFlag('How many at most (default: 100)'),
    offset: numberFlag('How many to pass over'),
  },
  run: (cli, { workspace, dataDir, json: _, ...filters }) =>
    onHost(
      cli,
      { ...(workspace === undefined ? {} : { workspace }), ...(dataDir === undefined ? {} : { dataDir }) },
      async (ask) => {
        const given = Object.entries(filters).filter(([, value]) => value !== undefined)
        const query = new URLSearchParams(given.map(([key, value]): [string, string] => [key, String(value)]))
        const page = (await ask('GET', `/admin/audit?${query}`)) as Page
        const rows = page.items.map(({ at, actor, action, target, decision, reason }) => [
          at,
          decision,
          actor,
          action,
          target,
          reason,
        ])
        return {
          data: page,
          text: `${page.total} entries\n${columns(['AT', 'DECISION', 'ACTOR', 'ACTION', 'TARGET', 'REASON'], rows)}`,
        }
      },
    ),
})
