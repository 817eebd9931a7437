import { TenonError } from '@tenon/contract'
import type { ExecutionStatus } from '@tenon/map'
import { numberFlag, textFlag } from '../../command.ts'
import { columns } from '../../printer.ts'
import { momentOf } from './moment.ts'
import { smCommand } from './sm-command.ts'

type Flags = { node?: string; action?: string; status?: string; since?: string; until?: string; limit?: number }

export const mapHistory = smCommand<Flags>({
  brief: 'List what actions have done, the newest first',
  example: 'map history --status failed --since 7d',
  flags: {
    node: textFlag('Only what was done to this node'),
    action: textFlag('Only this action'),
    status: textFlag('Only with these ends, separated by commas: completed, failed, cancelled'),
    since: textFlag('Only what began then or later'),
    until: textFlag('Only what began before'),
    limit: numberFlag('At most so many'),
  },
  aliases: { n: 'node' },
  async run(cli, { node: nodePath, action, status, since, until, limit }) {
    const { world, place } = cli
    const { EXECUTION_STATUSES, requireMap } = await import('@tenon/map')
    const { openMap } = await import('../../compose/open-map.ts')
    const filter = {
      nodePath,
      action,
      statuses: statusesIn(status, EXECUTION_STATUSES),
      since: momentOf(since, world.now()),
      until: momentOf(until, world.now()),
      limit: wholeLimit(limit),
    }
    requireMap(place.db)
    using store = await openMap(cli)
    const data = store.readExecutions(filter)
    const rows = data.map(({ startedAt, extensionId, status: end, nodeIds, durationMs }) => [
      new Date(startedAt).toISOString(),
      extensionId,
      end,
      durationMs === null ? '' : `${durationMs} ms`,
      nodeIds.join(' '),
    ])
    return { data, text: rows.length === 0 ? 'nothing' : columns(['BEGAN', 'ACTION', 'END', 'TOOK', 'NODES'], rows) }
  },
})

function statusesIn(text: string | undefined, known: readonly ExecutionStatus[]): ExecutionStatus[] | undefined {
  const asked = text?.split(',')
  const unknown = asked?.filter((word) => !known.some((status) => status === word)) ?? []
  if (unknown.length === 0) return asked as ExecutionStatus[] | undefined
  throw new TenonError('USAGE', `no execution ends as ${unknown.map((word) => `"${word}"`).join(' or ')}`, {
    hint: `There are ${known.join(', ')}.`,
  })
}

function wholeLimit(limit: number | undefined): number | undefined {
  if (limit === undefined || (Number.isInteger(limit) && limit > 0)) return limit
  throw new TenonError('USAGE', `--limit ${limit} is no number of executions`)
}
