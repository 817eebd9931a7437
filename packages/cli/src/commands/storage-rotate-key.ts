import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const storageRotateKey = defineCommand<LocationFlags>({
  brief: 'Seal every secret under a newer master key, which is made unless one lies ready',
  example: 'admin storage rotate-key',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const rotated = (await ask('POST', '/admin/storage/rotate-key')) as { made: boolean }
      const which = rotated.made ? 'a new master key' : 'the master key that lay ready'
      return { data: rotated, text: `every secret is sealed under ${which}` }
    }),
})
