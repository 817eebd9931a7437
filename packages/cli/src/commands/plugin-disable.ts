import { defineCommand, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const pluginDisable = defineCommand<LocationFlags & { reason?: string }, [string]>({
  brief: 'Take a plugin out until it is enabled again',
  example: 'plugin disable id-mint --reason "mints twice"',
  flags: { ...locationFlags, reason: textFlag('Why') },
  args: ['id'],
  run: (cli, { reason = '', ...flags }, id) =>
    onHost(cli, flags, async (ask) => ({
      data: await ask('POST', `/admin/plugins/${encodeURIComponent(id)}/disable?reason=${encodeURIComponent(reason)}`),
      text: `${id} is disabled`,
    })),
})
