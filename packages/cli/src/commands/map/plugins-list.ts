import type { KnownExtension, KnownPlugin } from '@tenon/map'
import { columns } from '../../printer.ts'
import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand } from './sm-command.ts'

export const pluginsList = smCommand<PluginFlags>({
  brief: 'List the plugins of a map, and what became of each',
  example: 'map plugins list',
  flags: pluginFlags,
  async run(cli, { pluginDir }) {
    const { mapCatalogue } = await import('../../compose/map-catalogue.ts')
    const listed = (await mapCatalogue(cli, pluginDir)).plugins.map(listedPlugin)
    const rows = listed.flatMap(({ id, version, status, source, extensions = [], reason }) => [
      [id, version ?? '', status, source, reason ?? ''],
      ...extensions.map(({ id: short, kind, enabled }) => [
        `${id}/${short}`,
        '',
        enabled ? 'enabled' : 'disabled',
        kind,
        '',
      ]),
    ])
    return { data: listed, text: columns(['PLUGIN', 'VERSION', 'STATUS', 'FROM', ''], rows) }
  },
})

/** A plugin as lists show it. Extensions are named where each is switched by itself. */
function listedPlugin({ id, version, status, reason, source, granularity, description, extensions }: KnownPlugin) {
  return {
    ...{ id, version, kinds: [...new Set(extensions.map(({ manifest }) => manifest.kind))], status },
    ...(reason === undefined ? {} : { reason }),
    ...{ source, granularity },
    ...(description === undefined ? {} : { description }),
    ...(granularity === 'extension' && status === 'enabled' ? { extensions: extensions.map(listedExtension) } : {}),
  }
}

const listedExtension = ({ manifest: { id, kind, version, description }, enabled }: KnownExtension) => ({
  ...{ id, kind, version, enabled },
  ...(description === undefined ? {} : { description }),
})
