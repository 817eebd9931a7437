import { defineCommand, switchFlag } from '../command.ts'
import { mentioned } from './mentioned.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginRemoveOp = defineCommand<{ yes: boolean }, [string, string]>({
  brief: 'Take an operation away, with what is only its own',
  example: 'plugin remove-op plugins/hello-world echo',
  flags: { yes: switchFlag('Also when files that people wrote import it') },
  args: ['folder', 'operation'],
  async run({ world }, { yes }, named, name) {
    const { policiesFor, removeOperation } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const root = pluginFolder(world, named)
    const policies = await policiesFor(nodeDisk, root)
    const { written, mentions } = await removeOperation(nodeDisk, root, policies, { name, anyway: yes })
    const lines = [`removed ${name}`, ...written.map((path) => `  ${path}`), ...mentioned(name, mentions)]
    return { data: { root, written, mentions }, text: lines.join('\n') }
  },
})
