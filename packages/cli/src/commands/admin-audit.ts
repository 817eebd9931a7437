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
  run: (cli, { actor, action, target, decision, limit, offset, ...flags }) =>
    onHost(cli, flags, async (ask) => {
      const query = new URLSearchParams()
      for (const [key, value] of Object.entries({ actor, action, target, decision, limit, offset }))
        if (value !== undefined) query.set(key, String(value))
      const page = (await ask('GET', `/admin/audit?${query.toString()}`)) as Page
      const rows = page.items.map((entry) => [
        ...[entry.at, entry.decision, entry.actor],
        ...[entry.action, entry.target, entry.reason],
      ])
      return {
        data: page,
        text: `${page.total} entries\n${columns(['AT', 'DECISION', 'ACTOR', 'ACTION', 'TARGET', 'REASON'], rows)}`,
      }
    }),
})
