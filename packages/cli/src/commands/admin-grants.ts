import { TenonError } from '@tenon/contract'
import { defineCommand, switchFlag, textsFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const adminGrants = defineCommand<LocationFlags & { set?: string[]; none: boolean }, [string]>({
  brief: 'Show or set what this host grants to a plugin beyond its workspace',
  example: 'admin grants user-management --set event:publish:UserCreated',
  flags: {
    ...locationFlags,
    set: textsFlag('A capability to grant; the list is replaced by all that are given'),
    none: switchFlag('Take back all that this host grants'),
  },
  args: ['id'],
  run: (cli, { set, none, ...flags }, id) => {
    if (none && set !== undefined) throw new TenonError('USAGE', 'give --set or --none')
    const capabilities = none ? [] : set
    return onHost(cli, flags, async (ask) => {
      const path = `/admin/plugins/${encodeURIComponent(id)}/grants`
      const entry = (
        capabilities === undefined ? await ask('GET', path) : await ask('PUT', path, { capabilities })
      ) as {
        capabilities: string[]
      }
      return { data: entry, text: `${id} is granted here: ${entry.capabilities.join(', ') || 'nothing'}` }
    })
  },
})
