import { defineCommand } from '../command.ts'
import { mentioned } from './mentioned.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginRenameOp = defineCommand<object, [string, string, string]>({
  brief: 'Give an operation another name, wherever that is safe',
  example: 'plugin rename-op plugins/hello-world echo say',
  args: ['folder', 'old', 'new'],
  async run({ world }, _flags, named, from, to) {
    const { policiesFor, renameOperation } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const root = pluginFolder(world, named)
    const { written, mentions } = await renameOperation(nodeDisk, root, await policiesFor(nodeDisk, root), { from, to })
    const lines = [`renamed ${from} to ${to}`, ...written.map((path) => `  ${path}`), ...mentioned(from, mentions)]
    return { data: { root, written, mentions }, text: lines.join('\n') }
  },
})
