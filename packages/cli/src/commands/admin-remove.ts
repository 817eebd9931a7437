import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const adminRemove = defineCommand<LocationFlags, [string]>({
  brief: 'Remove a plugin from the register of a host',
  example: 'admin remove user-management',
  flags: locationFlags,
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => ({
      data: await ask('DELETE', `/admin/plugins/${encodeURIComponent(id)}`),
      text: `${id} is removed`,
    })),
})
