import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const pluginUninstall = defineCommand<LocationFlags & { registry?: string }, [string]>({
  brief: 'Remove a plugin from a workspace, with what only it needed',
  example: 'plugin uninstall id-mint',
  flags: {
    ...locationFlags,
    registry: {
      kind: 'parsed',
      parse: String,
      brief: 'URL of the registry (default: TENON_REGISTRY_URL)',
      optional: true,
    },
  },
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => {
      const applied = (await ask('POST', '/workspace/apply', { remove: [id] })) as {
        generation: number
        changes: { id: string }[]
      }
      return {
        data: applied,
        text: `generation ${applied.generation}\n${applied.changes.map((change) => `- ${change.id}`).join('\n')}`,
      }
    }),
})
