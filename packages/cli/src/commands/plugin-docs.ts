import { resolve } from 'node:path'
import { defineCommand, textFlag } from '../command.ts'
import { pluginFolder } from './plugin-folder.ts'

export const pluginDocs = defineCommand<{ out?: string }, string[]>({
  brief: 'Write a page for each plugin, and an index of them',
  example: 'plugin docs plugins/id-mint plugins/csv-profile --out site',
  flags: { out: textFlag('The folder to write into (default: site)') },
  args: ['folder...'],
  async run({ world }, { out = 'site' }, ...named) {
    const { writeDocs } = await import('@tenon/authoring')
    const { nodeDisk } = await import('@tenon/bundle')
    const folder = resolve(world.cwd, out)
    const roots = (named.length === 0 ? ['.'] : named).map((name) => pluginFolder(world, name))
    const written = await writeDocs(nodeDisk, roots, folder)
    return {
      data: { out: folder, written },
      text: [`wrote ${folder}`, ...written.map((path) => `  ${path}`)].join('\n'),
    }
  },
})
