import { parseJson } from '@tenon/contract'
import { defineCommand, switchFlag, textFlag } from '../command.ts'
import { onHost } from './host-work.ts'
import { printJsonLine } from '../printer.ts'
import { locationFlags, type LocationFlags } from './location-flags.ts'
import { readNamed } from './named-file.ts'

export const call = defineCommand<LocationFlags & { input?: string; stream: boolean }, [string, string]>({
  brief: 'Call an operation of a plugin',
  example: 'call id-mint mint --input examples/mint.json',
  flags: {
    ...locationFlags,
    input: textFlag('A file with the input as JSON (default: null)'),
    stream: switchFlag('Print the parts of the answer as they come, each a line of JSON'),
  },
  args: ['plugin', 'operation'],
  async run(cli, { input, stream, ...flags }, plugin, operation) {
    const value = input === undefined ? null : parseJson(await readNamed(cli.world, input), input)
    const path = `/gateway/${encodeURIComponent(plugin)}/${encodeURIComponent(operation)}`
    return onHost(cli, flags, async (ask, transfer) => {
      if (stream) {
        let parts = 0
        await transfer.parts(`${path}/stream?keep=true`, value, (part) => {
          parts += 1
          printJsonLine(cli.io, part)
        })
        return { data: { parts }, text: '', quiet: true }
      }
      const output = await ask('POST', `${path}?keep=true`, value)
      return { data: output, text: JSON.stringify(output, null, 2) }
    })
  },
})
