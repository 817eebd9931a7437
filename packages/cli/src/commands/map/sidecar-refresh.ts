import { printNote } from '../../printer.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

export const sidecarRefresh = smCommand<object, [string]>({
  brief: 'Take the hashes of a node anew, without counting a version',
  example: 'map sidecar refresh .claude/agents/reviewer.md',
  args: ['node'],
  async run(cli, _, path) {
    const { refreshSidecar } = await import('@tenon/map')
    const { liveNodeOf } = await import('../../compose/live-nodes.ts')
    const live = await liveNodeOf(cli, await keptScan(cli), path)
    const refreshed = await refreshSidecar(live, cli.world)
    const status = refreshed ? 'refreshed' : 'fresh'
    if (!refreshed && !cli.quiet) printNote(cli.io, `${live.sidecar.path} is fresh: there is nothing to do`)
    const text = refreshed ? `${live.sidecar.path} is fresh now` : ''
    return { data: { nodePath: path, sidecarPath: live.sidecar.path, status }, text }
  },
})
