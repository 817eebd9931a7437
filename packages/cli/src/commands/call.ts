import { parseJson } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { readNamed } from './named-file.ts'

export const call = defineCommand<LocationFlags & { input?: string }, [string, string]>({
  brief: 'Call an operation of a plugin',
  example: 'call id-mint mint --input examples/mint.json',
  flags: { ...locationFlags, input: textFlag('A file with the input as JSON (default: null)') },
  args: ['plugin', 'operation'],
  async run(cli, { input, ...flags }, plugin, operation) {
    const value = input === undefined ? null : parseJson(await readNamed(cli.world, input), input)
    return onHost(cli, flags, async (ask) => {
      const output = await ask('POST', `/gateway/${encodeURIComponent(plugin)}/${encodeURIComponent(operation)}`, value)
      return { data: output, text: JSON.stringify(output, null, 2) }
    })
  },
})
