import { defineCommand } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { saveNamed } from './named-file.ts'

export const storageBackup = defineCommand<LocationFlags, [string]>({
  brief: 'Save everything that plugins keep, as it is at one moment, to a file; secrets stay sealed',
  example: 'admin storage backup tenon-storage.db',
  flags: locationFlags,
  args: ['file'],
  run: (cli, flags, file) =>
    onHost(cli, flags, async (_ask, transfer) => {
      let size = 0
      await transfer.fetch('/admin/storage/backup', async (bytes) => {
        size = await saveNamed(cli.world, file, bytes)
      })
      return { data: { file, bytes: size }, text: `${size} bytes are in ${file}` }
    }),
})
