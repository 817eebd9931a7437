import { switchFlag, textFlag } from '../../command.ts'
import { smCommand } from './sm-command.ts'

type Flags = { at?: string; force: boolean }

export const pluginsCreate = smCommand<Flags, [string]>({
  brief: 'Write a plugin that works, to go on from: a manifest, an extractor with a setting, a README',
  example: 'map plugins create my-words',
  flags: {
    at: textFlag('Its folder, or the one to make it in (default: .skill-map/plugins)'),
    force: switchFlag('Write over files that are there'),
  },
  args: ['id'],
  async run(cli, { at, force }, id) {
    const { createPlugin } = await import('../../compose/create-plugin.ts')
    const written = await createPlugin(cli, { id, force, ...(at === undefined ? {} : { at }) })
    return { data: { id, written }, text: written.map((path) => `wrote ${path}`).join('\n') }
  },
})
