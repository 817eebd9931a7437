import { columns } from '../../printer.ts'
import { extensionFlags, type ExtensionFlags } from './extension-flags.ts'
import { smCommand } from './sm-command.ts'

export const sidecarKeys = smCommand<ExtensionFlags>({
  brief: 'List the keys that plugins bring to sidecars',
  example: 'map sidecar keys --json',
  flags: extensionFlags,
  async run(cli, flags) {
    const { annotationCatalogue } = await import('@tenon/map')
    const { mapExtensions } = await import('../../compose/map-extensions.ts')
    await using configured = await mapExtensions(cli, flags)
    const keys = annotationCatalogue(configured)
    const rows = keys.map(({ pluginId, key, location, ownership }) => [pluginId, key, location, ownership])
    return { data: keys, text: columns(['PLUGIN', 'KEY', 'LOCATION', 'OWNERSHIP'], rows) }
  },
})
