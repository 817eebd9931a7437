import { resolve } from 'node:path'
import { switchFlag } from '../../command.ts'
import { inline } from '../../printer.ts'
import { smCommand } from './sm-command.ts'

export const dbBrowser = smCommand<{ rw: boolean }, [string | undefined]>({
  brief: 'Open the database of a map in DB Browser for SQLite, for reading only',
  example: 'map db browser',
  flags: { rw: switchFlag('For writing, too') },
  args: ['path?'],
  async run({ world, place }, { rw }, path) {
    const { requireMap } = await import('@tenon/map')
    const { leaveProgram } = await import('../../compose/program.ts')
    const db = path === undefined ? place.db : resolve(world.cwd, path)
    requireMap(db)
    await leaveProgram(world, 'sqlitebrowser', [...(rw ? [] : ['--read-only']), db])
    return { data: { path: db, readOnly: !rw }, text: `opened ${inline(db)}${rw ? '' : ' for reading'}` }
  },
})
