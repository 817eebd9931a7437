import type { KnownPlugin, Switches } from '@tenon/map'
import { columns, inline } from '../../printer.ts'
import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand } from './sm-command.ts'

export const pluginsShow = smCommand<PluginFlags, [string]>({
  brief: 'Show all of a plugin: its manifest, its extensions, its settings, and why it takes part or not',
  example: 'map plugins show core',
  flags: pluginFlags,
  args: ['id'],
  async run(cli, { pluginDir }, id) {
    const began = cli.world.monotonic()
    const { mapCatalogue } = await import('../../compose/map-catalogue.ts')
    const { pluginNamed } = await import('../../compose/plugin-named.ts')
    const { plugins, switches } = await mapCatalogue(cli, pluginDir)
    const plugin = pluginNamed(plugins, id)
    const data = { ...plugin, switches: switchesFor(plugin, switches) }
    return { data: { ...data, elapsedMs: Math.round(cli.world.monotonic() - began) }, text: textOf(plugin) }
  },
})

/** What was switched by hand, in the database or in settings. */
const switchesFor = ({ id }: KnownPlugin, switches: Switches): Switches =>
  Object.fromEntries(Object.entries(switches).filter(([key]) => key === id || key.startsWith(`${id}/`)))

function textOf({
  id,
  version,
  status,
  reason,
  source,
  folder,
  granularity,
  description,
  ...plugin
}: KnownPlugin): string {
  const facts = [
    ['status', reason === undefined ? status : `${status}: ${reason}`],
    ['from', folder ?? source],
    ['switched', granularity === 'bundle' ? 'as a whole' : 'extension by extension'],
    ['settings', Object.keys(plugin.settings).join(', ') || 'none'],
  ]
  const rows = plugin.extensions.map(({ key, manifest, enabled }) => [
    ...[key, manifest.kind, manifest.version, enabled ? 'enabled' : 'disabled', manifest.description ?? ''],
  ])
  return [
    [id, version, description]
      .filter((part) => part !== undefined)
      .map(inline)
      .join(' · '),
    ...facts.map(([name, fact = '']) => `${name}: ${inline(fact)}`),
    ...(rows.length === 0 ? [] : [columns(['EXTENSION', 'KIND', 'VERSION', 'STATE', ''], rows)]),
  ].join('\n')
}
