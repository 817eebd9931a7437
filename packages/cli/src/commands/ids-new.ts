import { relative, sep } from 'node:path'
import { defineCommand, textFlag } from '../command.ts'
import { pluginFolder } from './plugin-folder.ts'

export const idsNew = defineCommand<{ supersede?: string }, [string?]>({
  brief: 'Make the identity cards that a plugin and its operations, or a policy pack, lack',
  example: 'ids new plugins/hello-world',
  flags: { supersede: textFlag('The card that a new one shall replace, to correct it') },
  args: ['folder?'],
  async run({ world }, { supersede }, named) {
    const { newCards } = await import('@tenon/authoring')
    const { nodeDisk, openRepository } = await import('@tenon/bundle')
    const repository = await openRepository(world)
    const path = relative(repository.folder, pluginFolder(world, named)).split(sep).join('/')
    const made = await newCards({ disk: nodeDisk, repository, world, supersede }, path)
    const lines = made.cards.map(({ id, kind, key }) => `${id} ${kind} ${key}`)
    return {
      data: made,
      text:
        lines.length === 0
          ? 'everything has its card already'
          : [...lines, ...made.written.map((file) => `  ${file}`)].join('\n'),
    }
  },
})
