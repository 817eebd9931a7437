import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand } from './sm-command.ts'

export const pluginsUpgrade = smCommand<PluginFlags, [string]>({
  brief: 'Bring the manifest of a plugin to the present catalogue of contracts and input types',
  example: 'map plugins upgrade my-words',
  flags: pluginFlags,
  args: ['id'],
  async run(cli, { pluginDir }, id) {
    const { upgradePlugin } = await import('../../compose/upgrade-plugin.ts')
    const { CATALOG_VERSION } = await import('@tenon/map')
    const { file, steps } = await upgradePlugin(cli, id, pluginDir)
    const text =
      steps.length === 0
        ? `${id} is for the catalogue ${CATALOG_VERSION}`
        : `${id} went to ${steps.join(', then ')}: ${file}`
    return { data: { id, catalogVersion: CATALOG_VERSION, steps, ...(file === undefined ? {} : { file }) }, text }
  },
})
