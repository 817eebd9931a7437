import { defineCommand } from '../command.ts'
import { columns } from '../printer.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'

type Checked = { damaged: { plugin: string; space: string; key: string }[] }

export const storageCheck = defineCommand<LocationFlags>({
  brief: 'Read every row that plugins keep, and name those that are damaged',
  example: 'admin storage check',
  flags: locationFlags,
  run: (cli, flags) =>
    onHost(cli, flags, async (ask) => {
      const checked = (await ask('GET', '/admin/storage/check')) as Checked
      const { damaged } = checked
      if (damaged.length === 0) return { data: checked, text: 'every row is as it was written' }
      const rows = damaged.map(({ plugin, space, key }) => [plugin, space, key])
      return { data: checked, text: columns(['PLUGIN', 'SPACE', 'DAMAGED'], rows), exit: 5 }
    }),
})
