import { join } from 'node:path'
import { TenonError } from '@tenon/contract'
import { switchFlag } from '../../command.ts'
import { smCommand } from './sm-command.ts'

const FILE = 'sm-tutorial.md'

export const mapTutorial = smCommand<{ force: boolean }>({
  brief: `Write a walk-through into ${FILE}`,
  example: 'map tutorial',
  flags: { force: switchFlag('Write over one that is there') },
  async run({ world }, { force }) {
    const { nodeDisk, writeAside } = await import('@tenon/bundle')
    const { TUTORIAL } = await import('./tutorial-text.ts')
    const path = join(world.cwd, FILE)
    if (!force && (await nodeDisk.kind(path)) !== undefined)
      throw new TenonError('FILE_EXISTS', `${path} is there already`, { hint: 'With --force it is written over.' })
    await writeAside(nodeDisk, path, TUTORIAL)
    return { data: { written: path }, text: `wrote ${path}` }
  },
})
