import { defineCommand, switchFlag } from '../command.ts'
import { problemLine } from '../printer.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginDerive = defineCommand<{ check: boolean }, [string?]>({
  brief: 'Write every file that the spec implies',
  example: 'plugin derive plugins/id-mint --check',
  flags: { check: switchFlag('Write nothing; fail when a derived file differs') },
  args: ['folder?'],
  async run({ world }, { check }, named) {
    const { derive, driftOf, policiesFor, readPluginFolder, readPolicyPacks, requireSpec } = await import(
      '@tenon/authoring'
    )
    const { nodeDisk } = await import('@tenon/bundle')
    const root = pluginFolder(world, named)
    const policies = await policiesFor(nodeDisk, root)
    if (!check) {
      const written = await derive(nodeDisk, root, policies)
      return {
        data: { root, written },
        text: written.length === 0 ? 'nothing to derive' : written.map((path) => `derived ${path}`).join('\n'),
      }
    }
    const folder = await readPluginFolder(nodeDisk, root)
    const { packs } = await readPolicyPacks(nodeDisk, policies)
    const problems = driftOf(requireSpec(folder), packs, folder)
    return {
      data: { root, problems },
      text: problems.length === 0 ? 'derived files are what the spec implies' : problems.map(problemLine).join('\n'),
      exit: problems.length === 0 ? 0 : 1,
    }
  },
})
