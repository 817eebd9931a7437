import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { openNamed } from './named-file.ts'

export const storageRestore = defineCommand<LocationFlags, [string]>({
  brief: 'Put what a backup holds in the place of everything that plugins keep, once it was checked',
  example: 'admin storage restore tenon-storage.db',
  flags: locationFlags,
  args: ['file'],
  async run(cli, flags, file) {
    const bytes = await openNamed(cli.world, file)
    return onHost(cli, flags, async (_ask, transfer) => ({
      data: await transfer.send('/admin/storage/restore', bytes, 'application/vnd.sqlite3'),
      text: `what plugins keep is as ${file} has it`,
    })).finally(() => bytes.destroy())
  },
})
