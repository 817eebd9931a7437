import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand, type SmCli } from './sm-command.ts'

type Flags = PluginFlags & { all: boolean }

export const pluginsEnable = switching('enable', true)
export const pluginsDisable = switching('disable', false)

/** The verb that lets plugins take part from the next scan on, or keeps them from it. */
function switching(verb: string, enabled: boolean) {
  return smCommand<Flags, [string?]>({
    brief: enabled
      ? 'Let a plugin, or an extension, take part again'
      : 'Keep a plugin, or an extension, from taking part',
    example: `map plugins ${verb} core/markdown`,
    flags: { ...pluginFlags, all: switchFlag('Every plugin that is switched as a whole') },
    args: ['key?'],
    async run(cli, { all, pluginDir }, key) {
      if (all === (key !== undefined))
        throw new TenonError('USAGE', 'name what is to be switched, or say --all', {
          hint: 'sm plugins list shows it.',
        })
      const keys = await keysOf(cli, key, pluginDir)
      await store(cli, keys, enabled)
      return { data: { enabled, keys }, text: keys.map((one) => `${one} ${verb}d from the next scan on`).join('\n') }
    },
  })
}

async function keysOf(
  cli: SmCli,
  key: string | undefined,
  pluginDir: readonly string[] | undefined,
): Promise<string[]> {
  const { mapCatalogue } = await import('../../compose/map-catalogue.ts')
  const { refuseSwitch } = await import('../../compose/plugin-named.ts')
  const { plugins } = await mapCatalogue(cli, pluginDir)
  if (key === undefined)
    return [...new Set(plugins.filter(({ granularity }) => granularity === 'bundle').map(({ id }) => id))]
  refuseSwitch(plugins, key)
  return [key]
}

async function store(cli: SmCli, keys: readonly string[], enabled: boolean): Promise<void> {
  const { openMap } = await import('../../compose/open-map.ts')
  using map = await openMap(cli)
  for (const key of keys) map.plugins.setEnabled(key, enabled)
}
