import type { Finding } from '@tenon/map'
import { inline } from '../../printer.ts'
import { pluginFlags, type PluginFlags } from './plugin-flags.ts'
import { smCommand } from './sm-command.ts'

export const pluginsDoctor = smCommand<PluginFlags>({
  brief: 'Look for what is amiss with plugins: 1 when one neither takes part nor is switched off',
  example: 'map plugins doctor',
  flags: pluginFlags,
  async run(cli, { pluginDir }) {
    const { world, place } = cli
    const began = world.monotonic()
    const { examinePlugins, isWell } = await import('@tenon/map')
    const { mapCatalogue } = await import('../../compose/map-catalogue.ts')
    const { plugins, layered } = await mapCatalogue(cli, pluginDir)
    const around = { config: layered.config, root: place.root, home: world.env['HOME'] }
    const findings = examinePlugins(plugins, around)
    const ok = plugins.every(isWell)
    const states = plugins.map(({ id, source, status, reason }) => ({
      ...{ id, source, status },
      ...(reason === undefined ? {} : { reason }),
    }))
    const elapsedMs = Math.round(world.monotonic() - began)
    return { data: { ok, plugins: states, findings, elapsedMs }, text: findingLines(findings), exit: ok ? 0 : 1 }
  },
})

const findingLines = (findings: readonly Finding[]): string =>
  findings.length === 0
    ? 'all is well'
    : findings.map(({ level, message }) => `${level}: ${inline(message)}`).join('\n')
