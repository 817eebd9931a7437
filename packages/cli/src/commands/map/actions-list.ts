import { columns } from '../../printer.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

export const mapActionsList = smCommand<ExtensionFlags>({
  brief: 'List what can be done to a node',
  example: 'map actions list',
  flags: extensionFlags,
  async run(cli, flags) {
    const { listActions } = await import('@tenon/map')
    const { mapExtensions } = await import('../../compose/map-extensions.ts')
    await using configured = await mapExtensions(cli, flags)
    const actions = listActions(configured)
    const rows = actions.map(({ id, version, mode, description = '' }) => [id, version, mode, description])
    return {
      data: actions,
      text: rows.length === 0 ? 'no actions' : columns(['ACTION', 'VERSION', 'MODE', 'WHAT'], rows),
    }
  },
})
