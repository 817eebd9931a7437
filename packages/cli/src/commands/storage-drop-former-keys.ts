import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const storageDropFormerKeys = defineCommand<LocationFlags>({
  brief: 'Forget the master keys of before; older backups, and workspaces that did not rotate, need them',
  example: 'admin storage drop-former-keys',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const { dropped } = (await ask('POST', '/admin/storage/drop-former-keys')) as { dropped: number }
      return { data: { dropped }, text: `${dropped} former master key(s) are forgotten` }
    }),
})
