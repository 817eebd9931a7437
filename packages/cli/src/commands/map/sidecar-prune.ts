import { switchFlag } from '../../command.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

type Flags = ExtensionFlags & { dryRun: boolean; yes: boolean; force: boolean }

export const sidecarPrune = smCommand<Flags>({
  brief: 'Delete the sidecars whose file is not there any more, after asking',
  example: 'map sidecar prune --dry-run',
  flags: {
    dryRun: switchFlag('Delete nothing and ask nothing: only say what would go'),
    yes: switchFlag('Do not ask'),
    force: switchFlag('As --yes'),
    ...extensionFlags,
  },
  aliases: { n: 'dryRun', y: 'yes' },
  async run(cli, flags) {
    const { pruneSidecars } = await import('../../compose/prune-sidecars.ts')
    return pruneSidecars(cli, { ...flags, yes: flags.yes || flags.force })
  },
})
