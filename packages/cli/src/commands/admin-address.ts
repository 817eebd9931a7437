import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

export const adminAddress = defineCommand<LocationFlags, [string, string]>({
  brief: 'Say where a remote plugin answers',
  example: 'admin address user-management http://127.0.0.1:8080',
  flags: locationFlags,
  args: ['id', 'address'],
  run: (cli, flags, id, address) =>
    onHost(cli, flags, async (ask) => ({
      data: await ask('PUT', `/admin/plugins/${encodeURIComponent(id)}/address`, { address }),
      text: `${id} answers at ${address}`,
    })),
})
