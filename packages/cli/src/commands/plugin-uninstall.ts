import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, registryFlag, type LocationFlags } from './location-flags.ts'

export const pluginUninstall = defineCommand<LocationFlags & { registry?: string }, [string]>({
  brief: 'Remove a plugin from a workspace, with what only it needed',
  example: 'plugin uninstall id-mint',
  flags: { ...locationFlags, registry: registryFlag },
  args: ['id'],
  run: (cli, { registry = cli.world.env['TENON_REGISTRY_URL'], ...flags }, id) =>
    onHost(cli, flags, async (ask) => {
      const applied = (await ask('POST', '/workspace/apply', { remove: [id], registry })) as {
        generation: number
        changes: { id: string }[]
      }
      return {
        data: applied,
        text: `generation ${applied.generation}\n${applied.changes.map((change) => `- ${change.id}`).join('\n')}`,
      }
    }),
})
