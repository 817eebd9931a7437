import { switchFlag } from '../../command.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

export const sidecarAnnotate = smCommand<{ force: boolean }, [string]>({
  brief: 'Make the sidecar of a node, to be filled in by hand',
  example: 'map sidecar annotate .claude/agents/reviewer.md',
  flags: { force: switchFlag('Put it in the place of one that is there') },
  args: ['node'],
  async run(cli, { force }, path) {
    const { annotateSidecar } = await import('@tenon/map')
    const { liveNodeOf } = await import('../../compose/live-nodes.ts')
    const live = await liveNodeOf(cli, await keptScan(cli), path)
    const { path: sidecarPath, absolute } = live.sidecar
    await annotateSidecar(live, cli.world, { overwrite: force })
    return { data: { nodePath: path, sidecarPath, status: 'annotated' }, text: `${absolute} can be filled in` }
  },
})
