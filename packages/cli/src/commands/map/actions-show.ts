import { jsonText } from '../../printer.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

export const mapActionsShow = smCommand<ExtensionFlags, [action: string]>({
  brief: 'Show what an action declares',
  example: 'map actions show core/bump',
  flags: extensionFlags,
  args: ['action'],
  async run(cli, flags, id) {
    const { showAction } = await import('@tenon/map')
    const { mapExtensions } = await import('../../compose/map-extensions.ts')
    await using configured = await mapExtensions(cli, flags)
    const action = showAction(configured, id)
    return { data: action, text: jsonText(action, 2) }
  },
})
