import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { keptScan } from './kept-scan.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & { pending: boolean; staged: boolean; force: boolean }

export const mapBump = smCommand<Flags, [string?]>({
  brief: 'Take note of the changes of a node, or of all, in their sidecars: one version more',
  example: 'map bump .claude/agents/reviewer.md',
  flags: {
    pending: switchFlag('Do so for every node that is another than its sidecar says'),
    staged: switchFlag('With --pending: add what was written to the next commit of git'),
    force: switchFlag('Let a node be that has not changed, instead of refusing it'),
    ...extensionFlags,
  },
  args: ['node?'],
  async run(cli, flags, node) {
    const { bumpNode, bumpPending } = await import('../../compose/bump.ts')
    if (flags.staged && !flags.pending) throw usage('--staged goes with --pending')
    if (flags.pending && node !== undefined) throw usage('--pending is for all nodes, so none is named')
    if (flags.pending) return bumpPending(cli, flags, await keptScan(cli))
    if (node === undefined) throw usage('no node is named')
    return bumpNode(cli, flags, await keptScan(cli), node)
  },
})

const usage = (message: string): TenonError =>
  new TenonError('USAGE', message, { hint: 'sm bump <node>, or sm bump --pending [--staged].' })
