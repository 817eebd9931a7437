import { resolve } from 'node:path'
import { TenonError } from '@tenon/contract'
import { defineCommand, textFlag } from '../command.ts'

export const pluginNew = defineCommand<{ kind?: string; publisher?: string; in?: string }, [string]>({
  brief: 'Scaffold a plugin that validates at once',
  example: 'plugin new hello-world --kind node --publisher acme',
  flags: {
    kind: textFlag('node, python, container, remote or map (default: node)'),
    publisher: textFlag('Who publishes it (default: local)'),
    in: textFlag('The folder to make it in (default: plugins)'),
  },
  args: ['id'],
  async run({ world }, { kind = 'node', publisher = 'local', in: parent = 'plugins' }, id) {
    const { newPlugin, policiesFor, SCAFFOLD_KINDS } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const known = SCAFFOLD_KINDS.find((candidate) => candidate === kind)
    if (known === undefined)
      throw new TenonError('USAGE', `there is no kind "${kind}"`, {
        hint: `Choose one of ${SCAFFOLD_KINDS.join(', ')}.`,
      })
    const folder = resolve(world.cwd, parent)
    const policies = await policiesFor(nodeDisk, resolve(folder, id))
    const { root, files } = await newPlugin(nodeDisk, folder, policies, { id, kind: known, publisher })
    return { data: { root, files }, text: [`made ${root}`, ...files.map((file) => `  ${file}`)].join('\n') }
  },
})
