import { TenonError } from '@tenon/contract'
import type { ExecutionStats, Period } from '@tenon/map'
import { numberFlag, textFlag } from '../../command.ts'
import { columns } from '../../printer.ts'
import { momentOf } from './moment.ts'
import { smCommand } from './sm-command.ts'

type Flags = { since?: string; until?: string; period?: Period; top?: number }

export const mapHistoryStats = smCommand<Flags>({
  brief: 'Sum up what actions have done: tokens, periods, nodes and failures',
  example: 'map history stats --period week --top 5',
  flags: {
    since: textFlag('Only what began then or later'),
    until: textFlag('Only what began before (default: now)'),
    period: { kind: 'enum', values: ['day', 'week', 'month'], brief: 'How to count (default: month)', optional: true },
    top: numberFlag('So many nodes (default: 10)'),
  },
  async run(cli, { since, until, period = 'month', top = 10 }) {
    const { world, place } = cli
    const { executionStats, requireMap } = await import('@tenon/map')
    const { openMap } = await import('../../compose/open-map.ts')
    const began = world.monotonic()
    if (!Number.isInteger(top) || top < 1) throw new TenonError('USAGE', `--top ${top} is no number of nodes`)
    const [from, to] = [momentOf(since, world.now()), momentOf(until, world.now()) ?? world.now()]
    requireMap(place.db)
    using store = await openMap(cli)
    const stats = executionStats(store.readExecutions({ since: from, until: to }), { period, top })
    const range = {
      since: from === undefined ? null : new Date(from).toISOString(),
      until: new Date(to).toISOString(),
    }
    const elapsedMs = Math.round(world.monotonic() - began)
    return { data: { schemaVersion: 1, range, ...stats, elapsedMs }, text: statsText(stats) }
  },
})

function statsText({ totals, tokensPerAction, errorRates }: ExecutionStats): string {
  const head = `${totals.executionsCount} executions, ${totals.failedCount} failed (${(errorRates.global * 100).toFixed(1)} %), ${totals.tokensIn} tokens in, ${totals.tokensOut} out`
  if (tokensPerAction.length === 0) return head
  const rows = tokensPerAction.map((action) => [
    `${action.actionId}@${action.actionVersion}`,
    String(action.executionsCount),
    String(action.tokensIn),
    String(action.tokensOut),
    action.durationMsMedian === null ? '' : `${action.durationMsMedian} ms`,
  ])
  return `${head}\n${columns(['ACTION', 'TIMES', 'TOKENS IN', 'OUT', 'MEDIAN'], rows)}`
}
