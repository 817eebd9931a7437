import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const pluginEnable = defineCommand<LocationFlags, [string]>({
  brief: 'Let a plugin take part',
  example: 'plugin enable id-mint',
  flags: locationFlags,
  args: ['id'],
  run: (cli, flags, id) =>
    onHost(cli, flags, async (ask) => ({
      data: await ask('POST', `/admin/plugins/${encodeURIComponent(id)}/enable`),
      text: `${id} is active`,
    })),
})
