import { defineCommand, textFlag } from '../command.ts'
import { pluginFolder } from './plugin-folder.ts'

type Flags = { input: boolean; output: boolean; summary?: string }

export const pluginAddOp = defineCommand<Flags, [string, string]>({
  brief: 'Add an operation with its sources, schemas, examples and tests',
  example: 'plugin add-op plugins/hello-world shout --summary "Answers in capitals." --no-output',
  flags: {
    input: { kind: 'boolean', brief: 'Whether it takes something', default: true },
    output: { kind: 'boolean', brief: 'Whether it gives something', default: true },
    summary: textFlag('What it does, in a sentence'),
  },
  args: ['folder', 'operation'],
  async run({ world }, { input, output, summary }, named, name) {
    const { addOperation, policiesFor } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const root = pluginFolder(world, named)
    const wanted = { name, summary: summary ?? `What ${name} does, in a sentence.`, input, output }
    const written = await addOperation(nodeDisk, root, await policiesFor(nodeDisk, root), wanted)
    return { data: { root, written }, text: [`added ${name}`, ...written.map((path) => `  ${path}`)].join('\n') }
  },
})
