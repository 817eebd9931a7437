import { defineCommand, textsFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const adminGrants = defineCommand<LocationFlags & { set?: string[] }, [string]>({
  brief: 'Show or set what this host grants to a plugin beyond its workspace',
  example: 'admin grants user-management --set event:publish:UserCreated',
  flags: { ...locationFlags, set: textsFlag('A capability to grant; the list is replaced by all that are given') },
  args: ['id'],
  run: (cli, { set, ...flags }, id) =>
    onHost(cli, flags, async (ask) => {
      const path = `/admin/plugins/${encodeURIComponent(id)}/grants`
      const entry = (set === undefined ? await ask('GET', path) : await ask('PUT', path, { capabilities: set })) as {
        capabilities: string[]
      }
      return { data: entry, text: `${id} is granted here: ${entry.capabilities.join(', ') || 'nothing'}` }
    }),
})
